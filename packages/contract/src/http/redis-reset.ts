import { Type, type Static } from "typebox";
import { LONGEST_FAULT_IN_SECONDS } from "../fault.ts";
import type { CommandAnswer } from "./command-answer.ts";
import type { FleetTally, ReplicaOutcome } from "./ledger-entry.ts";
import type { ProblemCode } from "./problem-codes.ts";
import { TargetSchema } from "./target.ts";

const strict = { additionalProperties: false } as const;

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
  strict,
);

export type RedisResetRequest = Static<typeof RedisResetRequestSchema>;

/** The answer to `POST /chaos/redis-reset` with 200 or 207. */
export interface RedisResetAnswer extends CommandAnswer {
  readonly status: "redis_connections_reset" | "redis_connections_partially_reset";
  readonly connections_closed: number;
  readonly skew_ms: number | null;
  readonly skew_uncertainty_ms: number | null;
  /** With `block_seconds`: for so long new connections are kept out, from the command on. */
  readonly block_seconds?: number;
  /** With `verify`. */
  readonly verification?: Verification;
}

/** What Redis's own CLIENT LIST, read before and after, says of the connections that replicas claim to have closed. */
export interface Verification {
  /** The sum of the replicas' claims. */
  readonly claimed: number;
  /** Of those, client ids that were in the list before and are gone after. */
  readonly confirmed: number;
  readonly unexplained: number;
  /** `mismatch`: a client that is claimed closed is still there. `inconclusive`: some cannot be found in the list. */
  readonly verdict: "confirmed" | "mismatch" | "inconclusive";
  readonly why?: string;
}

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
