import { describe, expect, it } from "vitest";
import { decodeLockRecord, encodeLockRecord, LARGEST_RECORD_IN_BYTES } from "./lock-record.ts";

const record = { commandId: "01K9", epoch: 7, caller: "operator" };

/** What the SDK makes of a state: JSON where it is JSON, else the bytes. */
function asSdk(state: Buffer): unknown {
  try {
    return JSON.parse(state.toString()) as unknown;
  } catch {
    return state;
  }
}

it("reads what it wrote", () => {
  expect(decodeLockRecord(asSdk(encodeLockRecord(record)))).toEqual({ ok: true, record });
  expect(decodeLockRecord(asSdk(encodeLockRecord(null)))).toEqual({ ok: true, record: null });
});

it("takes a session that was never written, or emptied, for no record", () => {
  for (const state of [null, undefined, Buffer.alloc(0)]) {
    expect(decodeLockRecord(state)).toEqual({ ok: true, record: null });
  }
});

describe("a state that is no JSON, or too much of it, is refused with its reason", () => {
  it.each([
    ["bytes", Buffer.from("not json"), "not JSON"],
    ["a flood", { ...record, caller: "x".repeat(LARGEST_RECORD_IN_BYTES) }, "larger than"],
  ])("%s", (_kind, state, reason) => {
    expect(decodeLockRecord(state)).toEqual({
      ok: false,
      reason: expect.stringContaining(reason),
    });
  });
});

it("refuses to write what it could not read again", () => {
  const caller = "x".repeat(LARGEST_RECORD_IN_BYTES);
  expect(() => encodeLockRecord({ ...record, caller })).toThrow(RangeError);
});
