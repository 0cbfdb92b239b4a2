import { Type, type Static } from "typebox";
import type { Frozen } from "../frozen.ts";
import { IdentifierSchema, SpanInMsSchema, TimestampSchema } from "../scalars.ts";
import { FleetTallySchema, PublishedSchema, ReplicaOutcomeSchema } from "./ledger-entry.ts";

/** The members of every command's answer beside its status. */
export const COMMAND_ANSWER_MEMBERS = {
  timestamp: TimestampSchema,
  command_id: IdentifierSchema,
  outcome: Type.Enum(["complete", "partial"]),
  published: PublishedSchema,
  duration_ms: SpanInMsSchema,
  fleet: FleetTallySchema,
  replicas: Type.Array(ReplicaOutcomeSchema),
  replayed: Type.Optional(
    Type.Literal(true, {
      description:
        "The first outcome of a repeated Idempotency-Key, shown again: nothing was injected.",
    }),
  ),
} as const;

/** The member that recoveries and halts add. */
export const UNCONFIRMED_MEMBER = {
  unconfirmed: Type.Array(IdentifierSchema, {
    description: "Replica ids of those who have not confirmed: they may still be under the fault.",
  }),
} as const;

const CommandAnswerSchema = Type.Object({ status: Type.String(), ...COMMAND_ANSWER_MEMBERS });

/** What every command's answer with 200 or 207 says; its status tells what was done, and whether everybody did it. */
export type CommandAnswer = Frozen<Static<typeof CommandAnswerSchema>>;

const RecoveryAnswerSchema = Type.Object({
  status: Type.String(),
  ...COMMAND_ANSWER_MEMBERS,
  ...UNCONFIRMED_MEMBER,
});

/** The answer to a recovery or a halt. */
export type RecoveryAnswer = Frozen<Static<typeof RecoveryAnswerSchema>>;

/** A request with `Prefer: respond-async`: what comes of it is in the ledger. */
export const AcceptedAnswerSchema = Type.Object(
  {
    status: Type.String({ description: "`redis_reset_accepted`, `load_accepted`, …" }),
    command_id: IdentifierSchema,
    timestamp: TimestampSchema,
  },
  {
    $id: "AcceptedAnswer",
    description: "The command is on its way; what comes of it is in the ledger.",
  },
);

export type AcceptedAnswer = Frozen<Static<typeof AcceptedAnswerSchema>>;
