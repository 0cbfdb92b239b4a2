import { describe, expect, it } from "vitest";
import { recovery, replicaState } from "../testing/messages.ts";
import { reportOf } from "./member.ts";

describe("reportOf", () => {
  it("keeps every member of the contract but the last acknowledgement, and nothing else", () => {
    const state = replicaState({ labels: { zone: "a" }, last_recovery: recovery() });
    const { last_acknowledgement: _last, ...report } = state;
    const heavy = { ...state, ballast: "x" };
    expect(reportOf(heavy)).toEqual(report);
  });

  it("keeps a bounded number of labels", () => {
    const labels = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`label-${index}`, "x"]),
    );
    expect(Object.keys(reportOf(replicaState({ labels })).labels)).toHaveLength(64);
  });
});
