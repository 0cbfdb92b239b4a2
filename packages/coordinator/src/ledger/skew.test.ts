import { describe, expect, it } from "vitest";
import { makeAnswer } from "../testing/make-row.ts";
import { timestampOf } from "../timestamp-of.ts";
import { skewOf } from "./skew.ts";

const openedAtInMs = 10_000;

function answer(closedAtInMs: number, enqueuedAtInMs: number, clockOffsetInMs: number | null = 0) {
  return makeAnswer(
    { closed_at: timestampOf(closedAtInMs), clock_offset_ms: clockOffsetInMs },
    { enqueuedAtInMs },
  );
}

describe("skewOf", () => {
  it("is null with fewer than two closes", () => {
    const nothing = { skewInMs: null, uncertaintyInMs: null };
    expect(skewOf([], openedAtInMs)).toEqual(nothing);
    expect(skewOf([answer(10_005, 10_006)], openedAtInMs)).toEqual(nothing);
    const failed = makeAnswer({ state: "failed" });
    expect(skewOf([answer(10_005, 10_006), failed], openedAtInMs)).toEqual(nothing);
  });

  it("spans the first and the last close, wrong by no more than the broker's stamps allow", () => {
    const answers = [answer(10_005, 10_008), answer(10_020, 10_021), answer(10_010, 10_012)];
    expect(skewOf(answers, openedAtInMs)).toEqual({ skewInMs: 15, uncertaintyInMs: 4 });
  });

  it("knows of an untimed clock only that it closed between the opening and the stamp", () => {
    const answers = [answer(10_005, 10_006), answer(10_010, 10_030, null)];
    expect(skewOf(answers, openedAtInMs)).toEqual({ skewInMs: 5, uncertaintyInMs: 31 });
  });

  it("believes no close before the command or after the answer", () => {
    const answers = [answer(0, 10_006), answer(9_999_999, 10_030)];
    expect(skewOf(answers, openedAtInMs)).toEqual({ skewInMs: 30, uncertaintyInMs: 31 });
    const never = makeAnswer({ closed_at: "9999-99-99T99:99:99.999Z" });
    expect(skewOf([...answers, never], openedAtInMs).skewInMs).toBe(30);
  });
});
