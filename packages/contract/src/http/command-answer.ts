import type { FleetTally, ReplicaOutcome } from "./ledger-entry.ts";

/** What every command's answer with 200 or 207 says. */
export interface CommandAnswer {
  /** What was done, and whether everybody did it: `load_started`, `load_partially_started`, … */
  readonly status: string;
  readonly timestamp: string;
  readonly command_id: string;
  readonly outcome: "complete" | "partial";
  readonly published: "yes" | "unknown" | "no";
  readonly duration_ms: number;
  readonly fleet: FleetTally;
  readonly replicas: readonly ReplicaOutcome[];
  /** The first outcome of a repeated Idempotency-Key, shown again: nothing was injected. */
  readonly replayed?: true;
}

/** The answer to a recovery or a halt. */
export interface RecoveryAnswer extends CommandAnswer {
  /** Replica ids of those who have not confirmed: they may still be under the fault. */
  readonly unconfirmed: readonly string[];
}

/** A request with `Prefer: respond-async`: what comes of it is in the ledger. */
export interface AcceptedAnswer {
  /** `redis_reset_accepted`, `load_accepted`, … */
  readonly status: string;
  readonly command_id: string;
  readonly timestamp: string;
}
