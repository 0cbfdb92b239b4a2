import type { AcknowledgementError, CloseReport, LoadReport } from "../bus/acknowledgement.ts";
import type { CommandTarget } from "../bus/command.ts";
import type { RecoveryBody } from "../bus/recovery-report.ts";
import type { CommandOrder } from "../fault.ts";

/**
 * What a command's ledger says of one replica.
 *
 * `late`: executed before the command expired, answered after the deadline (counted in `fleet.silent` too).
 * `joined_late`: not expected, appeared meanwhile and answered.
 */
export const LEDGER_STATES = [
  "pending",
  "acknowledged",
  "failed",
  "refused",
  "expired",
  "silent",
  "late",
  "left",
  "joined_late",
] as const;

export type LedgerState = (typeof LEDGER_STATES)[number];

/** One replica's row in the answer and in the ledger. */
export interface ReplicaOutcome extends Partial<CloseReport> {
  readonly replica_id: string;
  readonly instance_id: string;
  readonly role: string;
  readonly state: LedgerState;
  /** Absent where the command was not about connections. */
  readonly connections_closed?: number;
  readonly closed_at?: string;
  readonly duration_ms?: number;
  readonly clock_offset_ms?: number | null;
  /** Of a load that has begun. */
  readonly load?: LoadReport;
  /** Of a recovery or a halt: the faults that ran until then. */
  readonly recovered?: readonly string[];
  readonly error?: AcknowledgementError;
  readonly recovery?: RecoveryBody;
}

/** expected = acknowledged + failed + refused + expired + silent + left; late is a subset of silent. */
export interface FleetTally {
  readonly expected: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly refused: number;
  readonly expired: number;
  readonly silent: number;
  readonly left: number;
  readonly late: number;
  readonly joined_late: number;
}

/** `none`: nobody did it. A pending entry is still collecting. */
export type LedgerOutcome = "pending" | "complete" | "partial" | "none";

/** Percentiles over the replicas that came back, and who has not. */
export interface RecoverySummary {
  readonly socket_recovered_ms: Percentiles | null;
  readonly all_back_ms: Percentiles | null;
  readonly command_recovered_ms: Percentiles | null;
  readonly work_recovered_ms: Percentiles | null;
  /** Replica ids whose connections are not all back. */
  readonly not_back: readonly string[];
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** One command in the ledger; amended by late answers and by recovery reports. */
export interface LedgerEntry {
  readonly command_id: string;
  readonly fault: CommandOrder["fault"];
  readonly action: CommandOrder["action"];
  readonly epoch: number;
  readonly parameters: CommandOrder["parameters"];
  readonly target: CommandTarget;
  readonly caller: string;
  readonly issuer: string;
  readonly reason: string | null;
  readonly opened_at: string;
  readonly deadline_at: string;
  readonly deadline_ms: number;
  readonly closed_at: string | null;
  readonly published: "yes" | "unknown" | "no";
  readonly outcome: LedgerOutcome;
  /** Σ over every acknowledgement: also late and joined_late ones. */
  readonly connections_closed: number;
  readonly duration_ms: number | null;
  /** Between the first and the last replica's close; null with fewer than two. */
  readonly skew_ms: number | null;
  readonly skew_uncertainty_ms: number | null;
  readonly fleet: FleetTally;
  readonly replicas: readonly ReplicaOutcome[];
  readonly recovery: RecoverySummary | null;
}

/** `GET /chaos/commands`: newest first. */
export interface CommandPage {
  readonly commands: readonly LedgerEntry[];
  /** What to pass as `before` for the next page; null on the last one. */
  readonly next: string | null;
}
