import { describe, expect, it } from "vitest";
import { readFaultRecord, type FaultRecord } from "./fault-record.ts";

const record: FaultRecord = {
  commandId: "c1",
  epoch: 3,
  action: "recover",
  acceptedAtInMs: 1,
  collectingUntilInMs: 2,
  coolDownUntilInMs: 3,
  activeUntilInMs: 4,
  issuer: "api-1",
  caller: "tester",
};

describe("readFaultRecord", () => {
  it("reads what was written, also as JSON", () => {
    expect(readFaultRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  it.each(Object.keys(record))("is nothing without a proper %s", (member) => {
    const { [member]: _left, ...rest } = Object.fromEntries(Object.entries(record));
    expect(readFaultRecord(rest)).toBeNull();
    for (const wrong of [null, {}, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(readFaultRecord({ ...record, [member]: wrong })).toBeNull();
    }
  });

  it.each([null, undefined, "", "null", 7, [], {}])("is nothing for %j", (state) => {
    expect(readFaultRecord(state)).toBeNull();
  });

  it("is nothing for an epoch or action that cannot be", () => {
    for (const wrong of [{ epoch: -1 }, { epoch: 1.5 }, { epoch: 2 ** 53 }, { action: "halt" }]) {
      expect(readFaultRecord({ ...record, ...wrong })).toBeNull();
    }
  });
});
