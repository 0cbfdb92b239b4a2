import type { FleetTally, LedgerOutcome } from "@fleetquake/contract";

/** What the fleet remembers of a request that carried an Idempotency-Key; at most 2 KB. */
export interface IdempotencyRecord {
  /** SHA-256 of the body in hexadecimal. */
  readonly bodyHash: string;
  readonly commandId: string;
  readonly startedAtInMs: number;
  readonly expiresAtInMs: number;
  /** Null while the command runs. */
  readonly totals: IdempotencyTotals | null;
}

/** What is left of an outcome when the ledger has forgotten it. */
export interface IdempotencyTotals {
  readonly outcome: LedgerOutcome;
  readonly published: "yes" | "unknown" | "no";
  readonly connectionsClosed: number;
  readonly durationInMs: number;
  readonly fleet: FleetTally;
}

/** Reads what is written down under the lock of a key; null for anything that is not a record. */
export function readIdempotencyRecord(state: unknown): IdempotencyRecord | null {
  return isIdempotencyRecord(state) ? state : null;
}

function isIdempotencyRecord(state: unknown): state is IdempotencyRecord {
  if (typeof state !== "object" || state === null) {
    return false;
  }
  const record: Partial<Record<keyof IdempotencyRecord, unknown>> = state;
  return (
    typeof record.bodyHash === "string" &&
    typeof record.commandId === "string" &&
    Number.isFinite(record.startedAtInMs) &&
    Number.isFinite(record.expiresAtInMs) &&
    (record.totals === null || isTotals(record.totals))
  );
}

function isTotals(state: unknown): state is IdempotencyTotals {
  if (typeof state !== "object" || state === null) {
    return false;
  }
  const totals: Partial<Record<keyof IdempotencyTotals, unknown>> = state;
  return (
    typeof totals.outcome === "string" &&
    typeof totals.published === "string" &&
    Number.isFinite(totals.connectionsClosed) &&
    Number.isFinite(totals.durationInMs) &&
    typeof totals.fleet === "object" &&
    totals.fleet !== null
  );
}
