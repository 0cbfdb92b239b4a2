import type { FaultRecord } from "@fleetquake/coordinator";
import { describe, expect, it } from "vitest";
import {
  decodeFaultRecord,
  encodeFaultRecord,
  LARGEST_STATE_IN_BYTES,
} from "./fault-record-state.ts";

const record: FaultRecord = {
  commandId: "01K9",
  epoch: 7,
  acceptedAtInMs: 1,
  collectingUntilInMs: 2,
  coolDownUntilInMs: 3,
  issuer: "api-1",
  caller: "operator",
};

/** What the SDK makes of a state: JSON where it is JSON, else the bytes. */
function asSdk(state: Buffer): unknown {
  try {
    return JSON.parse(state.toString()) as unknown;
  } catch {
    return state;
  }
}

it("reads what it wrote", () => {
  expect(decodeFaultRecord(asSdk(encodeFaultRecord(record)))).toEqual({ ok: true, record });
  expect(decodeFaultRecord(asSdk(encodeFaultRecord(null)))).toEqual({ ok: true, record: null });
});

it("takes a session that was never written, or emptied, for no record", () => {
  for (const state of [null, undefined, Buffer.alloc(0)]) {
    expect(decodeFaultRecord(state)).toEqual({ ok: true, record: null });
  }
});

describe("a state that is no record is refused with its reason", () => {
  it.each([
    ["bytes", Buffer.from("not json"), "not JSON"],
    ["a string", "record", "not a fault record"],
    ["a list", [record], "not a fault record"],
    ["a negative epoch", { ...record, epoch: -1 }, "not a fault record"],
    ["an epoch that is no integer", { ...record, epoch: 1.5 }, "not a fault record"],
    ["a time that is none", { ...record, coolDownUntilInMs: null }, "not a fault record"],
    ["no issuer", { ...record, issuer: undefined }, "not a fault record"],
    ["a flood", { ...record, caller: "x".repeat(LARGEST_STATE_IN_BYTES) }, "larger than"],
  ])("%s", (_kind, state, reason) => {
    expect(decodeFaultRecord(state)).toEqual({
      ok: false,
      reason: expect.stringContaining(reason),
    });
  });
});

it("refuses to write what it could not read again", () => {
  const caller = "x".repeat(LARGEST_STATE_IN_BYTES);
  expect(() => encodeFaultRecord({ ...record, caller })).toThrow(RangeError);
});
