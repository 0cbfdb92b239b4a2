import { describe, expect, it } from "vitest";
import { readHaltRecord, type HaltRecord } from "./halt-record.ts";

const record: HaltRecord = {
  commandId: "c1",
  epoch: 3,
  isHalted: true,
  caller: "alice",
  reason: "",
  atInMs: 1,
};

describe("readHaltRecord", () => {
  it("reads what was written, also as JSON", () => {
    expect(readHaltRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  it.each(Object.keys(record))("is nothing without a proper %s", (member) => {
    const { [member]: _left, ...rest } = Object.fromEntries(Object.entries(record));
    expect(readHaltRecord(rest)).toBeNull();
    for (const wrong of [null, {}, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(readHaltRecord({ ...record, [member]: wrong })).toBeNull();
    }
  });

  it.each([null, undefined, "", 7, [], {}])("is nothing for %j", (state) => {
    expect(readHaltRecord(state)).toBeNull();
  });

  it("is nothing for an epoch that cannot be", () => {
    for (const epoch of [-1, 1.5, 2 ** 53]) {
      expect(readHaltRecord({ ...record, epoch })).toBeNull();
    }
  });
});
