import { ACKNOWLEDGEMENT_STATES } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { makeAnswer, makeRow } from "../testing/make-row.ts";
import { ledgerState } from "./ledger-state.ts";

describe("ledgerState", () => {
  it("is what the replica answered in time", () => {
    for (const state of ACKNOWLEDGEMENT_STATES) {
      expect(ledgerState(makeRow({ answer: makeAnswer({ state }) }), true)).toBe(state);
    }
  });

  it("is late for an answer after the close, but expired when it did nothing", () => {
    const late = (state: (typeof ACKNOWLEDGEMENT_STATES)[number]): string =>
      ledgerState(makeRow({ answer: makeAnswer({ state }, { isLate: true }) }), true);
    expect(late("acknowledged")).toBe("late");
    expect(late("failed")).toBe("late");
    expect(late("refused")).toBe("late");
    expect(late("expired")).toBe("expired");
  });

  it("is pending, then silent, without an answer; left when it said bye before one", () => {
    expect(ledgerState(makeRow({ answer: null }), false)).toBe("pending");
    expect(ledgerState(makeRow({ answer: null }), true)).toBe("silent");
    expect(ledgerState(makeRow({ answer: null, hasLeft: true }), false)).toBe("left");
    expect(ledgerState(makeRow({ hasLeft: true }), true)).toBe("acknowledged");
  });

  it("is joined_late for whoever was not expected, whatever it answered", () => {
    const answer = makeAnswer({ state: "refused" }, { isLate: true });
    expect(ledgerState(makeRow({ isExpected: false, answer }), true)).toBe("joined_late");
  });
});
