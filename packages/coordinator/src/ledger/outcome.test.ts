import { describe, expect, it } from "vitest";
import { makeAnswer, makeRow } from "../testing/make-row.ts";
import { outcomeOf } from "./outcome.ts";

const failed = makeRow({ answer: makeAnswer({ state: "failed" }) });
const late = makeRow({ answer: makeAnswer({}, { isLate: true }) });

describe("outcomeOf", () => {
  it("is pending while answers are collected", () => {
    expect(outcomeOf([makeRow()], false)).toBe("pending");
  });

  it("is complete when everybody did it, saw everything, and is not flagged", () => {
    expect(outcomeOf([makeRow(), makeRow()], true)).toBe("complete");
  });

  it("is complete whatever a newcomer answered, unless it saw not everything", () => {
    const newcomer = { ...failed, isExpected: false };
    expect(outcomeOf([makeRow(), newcomer], true)).toBe("complete");
    const blind = makeRow({ isExpected: false, answer: makeAnswer({ coverage: "partial" }) });
    expect(outcomeOf([makeRow(), blind], true)).toBe("partial");
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
      expect(outcomeOf([makeRow(), row], true)).toBe("partial");
    }
  });

  it("is none when nobody did it, and partial when somebody did it late", () => {
    expect(outcomeOf([failed, makeRow({ answer: null })], true)).toBe("none");
    expect(outcomeOf([late], true)).toBe("partial");
  });
});
