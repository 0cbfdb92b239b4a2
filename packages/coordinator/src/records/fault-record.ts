/** What the fleet remembers of the last accepted command of a fault; times are broker time, ms since 1970. */
export interface FaultRecord {
  readonly commandId: string;
  readonly epoch: number;
  /** `recover`: it ended the commands before it. */
  readonly action: "inject" | "recover";
  readonly acceptedAtInMs: number;
  readonly collectingUntilInMs: number;
  readonly coolDownUntilInMs: number;
  /** When the fault ends by itself; 0 for one that does not last. */
  readonly activeUntilInMs: number;
  /** The API instance that published it. */
  readonly issuer: string;
  readonly caller: string;
}

/** Reads what is written down under a fault's lock; null for anything that is not a record. */
export function readFaultRecord(state: unknown): FaultRecord | null {
  return isFaultRecord(state) ? state : null;
}

function isFaultRecord(state: unknown): state is FaultRecord {
  if (typeof state !== "object" || state === null) {
    return false;
  }
  const record: Partial<Record<keyof FaultRecord, unknown>> = state;
  return (
    typeof record.commandId === "string" &&
    Number.isSafeInteger(record.epoch) &&
    Number(record.epoch) >= 0 &&
    (record.action === "inject" || record.action === "recover") &&
    Number.isFinite(record.acceptedAtInMs) &&
    Number.isFinite(record.collectingUntilInMs) &&
    Number.isFinite(record.coolDownUntilInMs) &&
    Number.isFinite(record.activeUntilInMs) &&
    typeof record.issuer === "string" &&
    typeof record.caller === "string"
  );
}
