import type { LedgerState } from "@fleetquake/contract";
import type { LedgerRow } from "./ledger-row.ts";

/** What the contract calls a row's state. */
export function ledgerState(row: LedgerRow, isClosed: boolean): LedgerState {
  if (!row.isExpected) {
    return "joined_late";
  }
  if (row.answer !== null) {
    const { state } = row.answer.body;
    return row.answer.isLate && state !== "expired" ? "late" : state;
  }
  if (row.hasLeft) {
    return "left";
  }
  return isClosed ? "silent" : "pending";
}
