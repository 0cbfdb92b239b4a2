/** A record is some 500 bytes; what is larger is not ours. */
export const LARGEST_RECORD_IN_BYTES = 16 * 1_024;

/** What a session's state was found to be. */
export type LockRecord =
  | { readonly ok: true; readonly record: unknown }
  | { readonly ok: false; readonly reason: string };

/**
 * A record as the state of a session; no record is the JSON `null`.
 * @throws {RangeError} when the record is too large to be read again.
 */
export function encodeLockRecord(record: object | null): Buffer {
  const state = Buffer.from(JSON.stringify(record));
  if (state.byteLength > LARGEST_RECORD_IN_BYTES) {
    throw new RangeError(
      `The record of a lock must not be larger than ${LARGEST_RECORD_IN_BYTES} bytes`,
    );
  }
  return state;
}

/**
 * Reads the state of a session as JSON; what it means is for its owner to check. Never throws.
 * @param state what the SDK makes of it: parsed JSON where it is JSON, else the bytes; null or undefined where none was
 * ever set
 */
export function decodeLockRecord(state: unknown): LockRecord {
  if (state === null || state === undefined || isEmpty(state)) {
    return { ok: true, record: null };
  }
  if (state instanceof Uint8Array) {
    return { ok: false, reason: "the state is not JSON" };
  }
  if (JSON.stringify(state).length > LARGEST_RECORD_IN_BYTES) {
    return { ok: false, reason: `the state is larger than ${LARGEST_RECORD_IN_BYTES} bytes` };
  }
  return { ok: true, record: state };
}

function isEmpty(state: unknown): boolean {
  return state instanceof Uint8Array && state.byteLength === 0;
}
