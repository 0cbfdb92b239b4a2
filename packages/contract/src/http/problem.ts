import { Type, type Static } from "typebox";
import { BLOCK_MODES, LASTING_FAULTS, LOAD_LEVELS, REPLICA_HANG_SCOPES } from "../fault-names.ts";
import type { Frozen } from "../frozen.ts";
import { orNull } from "../or-null.ts";
import { CountSchema, IdentifierSchema, SpanInMsSchema, TimestampSchema } from "../scalars.ts";
import { HaltNoticeSchema } from "./halt.ts";
import { FleetTallySchema, PublishedSchema, ReplicaOutcomeSchema } from "./ledger-entry.ts";
import { VerificationSchema } from "./redis-reset.ts";

/** One invalid member of a request. */
const MemberErrorSchema = Type.Object(
  {
    path: Type.String({
      description: "JSON pointer into the body, or the name of a header or query parameter.",
    }),
    detail: Type.String(),
  },
  { $id: "MemberError" },
);

export type MemberError = Frozen<Static<typeof MemberErrorSchema>>;

const envelope = {
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.String({ description: "What was wrong and what would be right." }),
  instance: Type.String({ description: "The path that was asked for." }),
  code: Type.String({ description: "A row of the problem table." }),
  error: Type.String({ description: "The HTTP reason phrase, as `title`." }),
  timestamp: TimestampSchema,
  request_id: Type.String(),
  errors: Type.Optional(Type.Array(MemberErrorSchema)),
} as const;

/** What single codes add; the problem table says which. */
const extensions = Type.Partial(
  Type.Object({
    retry_after_ms: Type.Integer({ minimum: 1 }),
    halt: HaltNoticeSchema,
    replayed: Type.Literal(true),
    command_id: IdentifierSchema,
    outcome: Type.Enum(["partial", "none"]),
    published: PublishedSchema,
    connections_closed: CountSchema,
    duration_ms: SpanInMsSchema,
    skew_ms: orNull(SpanInMsSchema),
    skew_uncertainty_ms: orNull(SpanInMsSchema),
    block_seconds: CountSchema,
    verification: VerificationSchema,
    fleet: FleetTallySchema,
    replicas: Type.Array(ReplicaOutcomeSchema),
    level: Type.Enum(LOAD_LEVELS),
    mode: Type.Enum(BLOCK_MODES),
    scope: Type.Enum([...REPLICA_HANG_SCOPES, "in-process"]),
    duration_seconds: CountSchema,
    unconfirmed: Type.Array(IdentifierSchema),
    cancelled_command_id: IdentifierSchema,
    fault: Type.Enum(LASTING_FAULTS),
    halted: Type.Boolean(),
  }),
);

/** A problem with every member that a code may add. */
export const ProblemSchema = Type.Object(
  { ...envelope, ...extensions.properties },
  {
    $id: "Problem",
    description:
      "The envelope of every error: RFC 9457 with the members of the original contract, and those that its code adds.",
  },
);

const EnvelopeSchema = Type.Object(envelope);

/** The envelope of every 4xx and 5xx answer: RFC 9457 with the members of the original contract. */
export type Problem = Frozen<Static<typeof EnvelopeSchema>> & {
  readonly [extension: string]: unknown;
};
