import type { LedgerRow } from "./ledger-row.ts";

/** Σ over every answer, also late ones and those of newcomers; an absurd claim cannot make it infinite. */
export function sumConnectionsClosed(rows: readonly LedgerRow[]): number {
  let sum = 0;
  for (const row of rows) {
    sum += row.answer?.body.connections_closed ?? 0;
  }
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}
