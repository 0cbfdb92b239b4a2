import { Type, type Static } from "typebox";
import { IdentifierSchema } from "../scalars.ts";
import type { FleetTally, ReplicaOutcome } from "./ledger-entry.ts";
import type { ProblemCode } from "./problem-codes.ts";

const strict = { additionalProperties: false } as const;

/** At least one label: an empty object would match the whole fleet by accident. */
const TargetLabelsSchema = Type.Record(
  Type.String({ pattern: "^[\\s\\S]{1,63}$" }),
  Type.String({ maxLength: 256 }),
  { ...strict, minProperties: 1 },
);

/** Whom a request is for: at least one member; members combine by AND, percent and count exclude each other. */
export const TargetSchema = Type.Object(
  {
    replicas: Type.Optional(
      Type.Array(IdentifierSchema, { minItems: 1, maxItems: 256, uniqueItems: true }),
    ),
    role: Type.Optional(IdentifierSchema),
    labels: Type.Optional(TargetLabelsSchema),
    percent: Type.Optional(Type.Number({ minimum: 1, maximum: 100 })),
    count: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { ...strict, minProperties: 1 },
);

export type Target = Static<typeof TargetSchema>;

/** The body of `POST /chaos/redis-reset`; every member is optional. */
export const RedisResetRequestSchema = Type.Object(
  {
    force: Type.Optional(Type.Boolean({ default: true })),
    drain_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000, default: 5_000 })),
    deadline_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 90_000 })),
    target: Type.Optional(TargetSchema),
    require: Type.Optional(Type.Union([Type.Literal("any"), Type.Literal("complete")])),
    dry_run: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
);

export type RedisResetRequest = Static<typeof RedisResetRequestSchema>;

/** A request that was only tried out. */
export interface DryRunAnswer {
  readonly status: "dry_run";
  readonly timestamp: string;
  /** Nothing was published. */
  readonly connections_closed: 0;
  readonly would_close: number;
  /** null: the request would pass. */
  readonly would_be_refused: {
    readonly code: ProblemCode;
    readonly retry_after_ms: number | null;
  } | null;
  readonly fleet: FleetTally;
  readonly replicas: readonly ReplicaOutcome[];
}

/** A request with `Prefer: respond-async`: what comes of it is in the ledger. */
export interface AcceptedAnswer {
  readonly status: "redis_reset_accepted";
  readonly command_id: string;
  readonly timestamp: string;
}

/** Members that the contract names and this version refuses as not supported. */
export const UNSUPPORTED_RESET_MEMBERS = ["verify", "block_seconds"] as const;
