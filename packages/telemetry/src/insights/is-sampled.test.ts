import { describe, expect, it } from "vitest";
import { beginStep } from "./begin-step.ts";
import { isSampled } from "./is-sampled.ts";

describe("sampling", () => {
  const traces = Array.from({ length: 10_000 }, () => beginStep(null).traceId);

  it("sends everything at 1 and nothing at 0", () => {
    expect(traces.every((trace) => isSampled(trace, 1))).toBe(true);
    expect(traces.some((trace) => isSampled(trace, 0))).toBe(false);
    expect(isSampled("f".repeat(32), 1)).toBe(true);
  });

  it("sends about the share that the rate names", () => {
    const sent = traces.filter((trace) => isSampled(trace, 0.25)).length;
    // Ten standard deviations about 2,500.
    expect(Math.abs(sent - 2_500)).toBeLessThan(434);
  });

  it("sends at a higher rate whatever it sends at a lower one", () => {
    const low = traces.filter((trace) => isSampled(trace, 0.1));
    expect(low.every((trace) => isSampled(trace, 0.2))).toBe(true);
  });
});
