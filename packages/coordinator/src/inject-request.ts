import type {
  CommandOrder,
  FleetTally,
  LedgerEntry,
  ProblemCode,
  ReplicaOutcome,
  Target,
  TraceContext,
} from "@fleetquake/contract";
import type { Refused } from "./refusal.ts";

type InjectOrder = Exclude<Extract<CommandOrder, { action: "inject" }>, { fault: "halt" }>;
type RecoverOrder = Exclude<Extract<CommandOrder, { action: "recover" }>, { fault: "halt" }>;

/** Who asks, and why; for the record. */
export interface CommandOrigin {
  /** 1 to 256 characters. */
  readonly caller: string;
  readonly reason: string | null;
  /**
   * The id that the command will have.
   * @default a new one
   */
  readonly commandId?: string;
  /** The operation that it is part of; it travels to every replica beside the command. @default none */
  readonly trace?: TraceContext;
}

/** What a caller asks the coordinator to inject. */
export interface InjectRequest extends CommandOrigin {
  readonly order: InjectOrder;
  /**
   * How long answers are waited for, in milliseconds; raised to the fleet's floor when it lies below.
   * @default 5000; for a drain `drain_timeout_ms` + 3000
   */
  readonly deadlineInMs?: number;
  /** Absent: the whole fleet; faults that last leave role `api` out of it. */
  readonly target?: Target;
}

/** What a caller asks the coordinator to end. */
export interface RecoverRequest extends CommandOrigin {
  readonly order: RecoverOrder;
}

/** What came of a request. */
export type InjectResult =
  | Refused
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
