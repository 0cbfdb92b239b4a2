/** The latest halt of the fleet, or its release. */
export interface HaltRecord {
  readonly commandId: string;
  readonly epoch: number;
  /** false: it was released by this command. */
  readonly isHalted: boolean;
  readonly caller: string;
  readonly reason: string;
  /** Broker time, ms since 1970. */
  readonly atInMs: number;
}

/** Reads what is written down under the lock of the halt; null for anything that is not a record. */
export function readHaltRecord(state: unknown): HaltRecord | null {
  return isHaltRecord(state) ? state : null;
}

function isHaltRecord(state: unknown): state is HaltRecord {
  if (typeof state !== "object" || state === null) {
    return false;
  }
  const record: Partial<Record<keyof HaltRecord, unknown>> = state;
  return (
    typeof record.commandId === "string" &&
    Number.isSafeInteger(record.epoch) &&
    Number(record.epoch) >= 0 &&
    typeof record.isHalted === "boolean" &&
    typeof record.caller === "string" &&
    typeof record.reason === "string" &&
    Number.isFinite(record.atInMs)
  );
}
