import { Type, type Static } from "typebox";
import { LONGEST_FAULT_IN_SECONDS } from "../fault.ts";
import type { Frozen } from "../frozen.ts";
import { orNull } from "../or-null.ts";
import { CountSchema, SpanInMsSchema, TimestampSchema } from "../scalars.ts";
import { COMMAND_ANSWER_MEMBERS } from "./command-answer.ts";
import { FleetTallySchema, ReplicaOutcomeSchema } from "./ledger-entry.ts";
import { PROBLEM_CODE_NAMES } from "./problem-codes.ts";
import { TargetSchema } from "./target.ts";

/** The body of `POST /chaos/redis-reset`; every member is optional. */
export const RedisResetRequestSchema = Type.Object(
  {
    force: Type.Optional(Type.Boolean({ default: true })),
    drain_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000, default: 5_000 })),
    deadline_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 90_000 })),
    target: Type.Optional(TargetSchema),
    block_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_FAULT_IN_SECONDS })),
    require: Type.Optional(Type.Union([Type.Literal("any"), Type.Literal("complete")])),
    verify: Type.Optional(Type.Boolean({ default: false })),
    dry_run: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false, $id: "RedisResetRequest" },
);

export type RedisResetRequest = Static<typeof RedisResetRequestSchema>;

/** What Redis's own CLIENT LIST, read before and after, says of the connections that replicas claim to have closed. */
export const VerificationSchema = Type.Object(
  {
    claimed: Type.Integer({ minimum: 0, description: "The sum of the replicas' claims." }),
    confirmed: Type.Integer({
      minimum: 0,
      description: "Of those, client ids that were in the list before and are gone after.",
    }),
    unexplained: CountSchema,
    verdict: Type.Enum(["confirmed", "mismatch", "inconclusive"], {
      description:
        "mismatch: a client that is claimed closed is still there. inconclusive: some cannot be found in the list.",
    }),
    why: Type.Optional(Type.String()),
  },
  {
    $id: "Verification",
    description:
      "What Redis's own CLIENT LIST, read before and after, says of the connections that replicas claim to have closed.",
  },
);

export type Verification = Frozen<Static<typeof VerificationSchema>>;

/** The answer to `POST /chaos/redis-reset` with 200 or 207. */
export const RedisResetAnswerSchema = Type.Object(
  {
    status: Type.Enum(["redis_connections_reset", "redis_connections_partially_reset"]),
    connections_closed: CountSchema,
    skew_ms: orNull(SpanInMsSchema),
    skew_uncertainty_ms: orNull(SpanInMsSchema),
    block_seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: "For so long new connections are kept out, from the command on.",
      }),
    ),
    verification: Type.Optional(VerificationSchema),
    ...COMMAND_ANSWER_MEMBERS,
  },
  { $id: "RedisResetAnswer" },
);

export type RedisResetAnswer = Frozen<Static<typeof RedisResetAnswerSchema>>;

/** A request that was only tried out. */
export const DryRunAnswerSchema = Type.Object(
  {
    status: Type.Literal("dry_run"),
    timestamp: TimestampSchema,
    connections_closed: Type.Literal(0, { description: "Nothing was published." }),
    would_close: CountSchema,
    would_be_refused: orNull(
      Type.Object({
        code: Type.Enum(PROBLEM_CODE_NAMES),
        retry_after_ms: orNull(Type.Number({ minimum: 0 })),
      }),
      "null: the request would pass.",
    ),
    fleet: FleetTallySchema,
    replicas: Type.Array(ReplicaOutcomeSchema),
  },
  { $id: "DryRunAnswer", description: "What a request would do; nothing was published." },
);

export type DryRunAnswer = Frozen<Static<typeof DryRunAnswerSchema>>;
