import { describe, expect, it } from "vitest";
import { makeAnswer, makeRow } from "../testing/make-row.ts";
import { outcomeOf } from "./outcome.ts";

const closed = { isClosed: true, isRosterComplete: true };
const failed = makeRow({ answer: makeAnswer({ state: "failed" }) });
const late = makeRow({ answer: makeAnswer({}, { isLate: true }) });

describe("outcomeOf", () => {
  it("is pending while answers are collected", () => {
    expect(outcomeOf([makeRow()], { isClosed: false, isRosterComplete: true })).toBe("pending");
  });

  it("is complete when everybody did it, saw everything, and is not flagged", () => {
    expect(outcomeOf([makeRow(), makeRow()], closed)).toBe("complete");
  });

  it("is complete whatever a newcomer answered, unless it saw not everything", () => {
    const newcomer = { ...failed, isExpected: false };
    expect(outcomeOf([makeRow(), newcomer], closed)).toBe("complete");
    const blind = makeRow({ isExpected: false, answer: makeAnswer({ coverage: "partial" }) });
    expect(outcomeOf([makeRow(), blind], closed)).toBe("partial");
  });

  it("is partial for each thing that is missing", () => {
    const rows = [
      failed,
      late,
      makeRow({ answer: null }),
      makeRow({ answer: null, hasLeft: true }),
      makeRow({ isConflicting: true }),
      makeRow({ isDuplicate: true }),
      makeRow({ answer: makeAnswer({ coverage: "partial" }) }),
    ];
    for (const row of rows) {
      expect(outcomeOf([makeRow(), row], closed)).toBe("partial");
    }
  });

  it("is none when nobody did it, and partial when somebody did it late", () => {
    expect(outcomeOf([failed, makeRow({ answer: null })], closed)).toBe("none");
    expect(outcomeOf([late], closed)).toBe("partial");
  });

  it("is never complete when it was published before the whole fleet was heard", () => {
    const early = { isClosed: true, isRosterComplete: false };
    expect(outcomeOf([makeRow()], early)).toBe("partial");
    expect(outcomeOf([failed], early)).toBe("none");
  });

  it("is complete in a fleet without a replica, as far as the fleet is known", () => {
    expect(outcomeOf([], closed)).toBe("complete");
    expect(outcomeOf([], { isClosed: true, isRosterComplete: false })).toBe("partial");
  });
});
