import type { AcknowledgementBody, RecoveryBody } from "@fleetquake/contract";

/** One replica's answer as the ledger keeps it. */
export interface Answer {
  readonly body: AcknowledgementBody;
  /** The broker's stamp, ms since 1970: the replica cannot have closed later than this. */
  readonly enqueuedAtInMs: number;
  /** It arrived after the entry was closed. */
  readonly isLate: boolean;
}

/** One replica's line in an entry. */
export interface LedgerRow {
  readonly replicaId: string;
  readonly instanceId: string;
  readonly role: string;
  readonly isExpected: boolean;
  /** Another live instance of the same replica id is expected too. */
  readonly isDuplicate: boolean;
  answer: Answer | null;
  /** It said bye before it answered. */
  hasLeft: boolean;
  /** It gave two answers that differ. */
  isConflicting: boolean;
  recovery: RecoveryBody | null;
}

/** Whether two answers of one replica say the same; what a repetition may restamp is left aside. */
export function saySame(first: AcknowledgementBody, second: AcknowledgementBody): boolean {
  return (
    first.state === second.state &&
    first.coverage === second.coverage &&
    first.connections_closed === second.connections_closed &&
    first.connecting_aborted === second.connecting_aborted
  );
}
