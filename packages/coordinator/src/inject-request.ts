import type {
  FleetTally,
  LedgerEntry,
  ProblemCode,
  RedisResetParameters,
  ReplicaOutcome,
  Target,
} from "@fleetquake/contract";
import type { Refusal } from "./refusal.ts";

/** What a caller asks the coordinator for. */
export interface InjectRequest {
  readonly fault: "redis-reset";
  readonly parameters: RedisResetParameters;
  /**
   * How long answers are waited for, in milliseconds; raised to the fleet's floor when it lies below.
   * @default `force` ? 5000 : `drain_timeout_ms` + 3000
   */
  readonly deadlineInMs?: number;
  /** Absent: the whole fleet. */
  readonly target?: Target;
  /** Who asked, for the record; 1 to 256 characters. */
  readonly caller: string;
  readonly reason: string | null;
}

/** What came of a request. */
export type InjectResult =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | {
      readonly kind: "accepted";
      readonly commandId: string;
      /** Resolves when everybody answered, at the deadline, or at shutdown; never rejects. */
      readonly closed: Promise<LedgerEntry>;
    };

/** What a request would do, by what the roster says now. */
export interface DryRunResult {
  /** Connections that the chosen replicas reported and consent to have closed. */
  readonly would_close: number;
  /** Why the request would be turned down; null when it would pass. */
  readonly would_be_refused: {
    readonly code: ProblemCode;
    readonly retry_after_ms: number | null;
  } | null;
  /** Only `expected` is above 0. */
  readonly fleet: FleetTally;
  /** The chosen replicas, each `pending`, with the connections that it reported last. */
  readonly replicas: readonly ReplicaOutcome[];
}
