import type { LedgerOutcome } from "@fleetquake/contract";
import type { LedgerRow } from "./ledger-row.ts";

/**
 * What a command came to.
 *
 * complete: everybody who was expected did it in time, each saw all of its connections, no row is flagged, and the
 * roster was complete when it was published.
 * none: nobody did it, neither in time nor late, though somebody was asked. Of an empty fleet everybody has confirmed.
 */
export function outcomeOf(
  rows: readonly LedgerRow[],
  options: { readonly isClosed: boolean; readonly isRosterComplete: boolean },
): LedgerOutcome {
  if (!options.isClosed) {
    return "pending";
  }
  if (rows.length > 0 && !rows.some((row) => row.answer?.body.state === "acknowledged")) {
    return "none";
  }
  return options.isRosterComplete && rows.every((row) => isWhole(row)) ? "complete" : "partial";
}

function isWhole(row: LedgerRow): boolean {
  if (row.isConflicting || row.isDuplicate) {
    return false;
  }
  if (row.answer === null || (row.answer.body.coverage === "partial" && didIt(row))) {
    return false;
  }
  return !row.isExpected || (didIt(row) && !row.answer.isLate);
}

function didIt(row: LedgerRow): boolean {
  return row.answer?.body.state === "acknowledged";
}
