import type { FaultRecord } from "@fleetquake/coordinator";

/** A record is some 400 bytes; what is larger is not ours. */
export const LARGEST_STATE_IN_BYTES = 16 * 1_024;

/** What a session's state was found to be. */
export type FaultRecordState =
  | { readonly ok: true; readonly record: FaultRecord | null }
  | { readonly ok: false; readonly reason: string };

/**
 * A record as the state of a session; no record is the JSON `null`.
 * @throws {RangeError} when the record is too large to be read again.
 */
export function encodeFaultRecord(record: FaultRecord | null): Buffer {
  const state = Buffer.from(JSON.stringify(record));
  if (state.byteLength > LARGEST_STATE_IN_BYTES) {
    throw new RangeError(`A fault record must not be larger than ${LARGEST_STATE_IN_BYTES} bytes`);
  }
  return state;
}

/**
 * Reads the state of a session; never throws.
 * @param state what the SDK makes of it: parsed JSON where it is JSON, else the bytes; null or undefined where none was
 * ever set
 */
export function decodeFaultRecord(state: unknown): FaultRecordState {
  if (state === null || state === undefined || isEmpty(state)) {
    return { ok: true, record: null };
  }
  if (state instanceof Uint8Array) {
    return { ok: false, reason: "the state is not JSON" };
  }
  if (JSON.stringify(state).length > LARGEST_STATE_IN_BYTES) {
    return { ok: false, reason: `the state is larger than ${LARGEST_STATE_IN_BYTES} bytes` };
  }
  return isFaultRecord(state)
    ? { ok: true, record: state }
    : { ok: false, reason: "the state is not a fault record" };
}

function isEmpty(state: unknown): boolean {
  return state instanceof Uint8Array && state.byteLength === 0;
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
    Number.isFinite(record.acceptedAtInMs) &&
    Number.isFinite(record.collectingUntilInMs) &&
    Number.isFinite(record.coolDownUntilInMs) &&
    typeof record.issuer === "string" &&
    typeof record.caller === "string"
  );
}
