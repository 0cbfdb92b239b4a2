import { describe, expect, it } from "vitest";
import { refreshDelayInMs } from "./refresh-delay.ts";

const HOUR = 3_600_000;
const FRESH = { leftInMs: HOUR, unchangedForInMs: null, isUnchanged: false };

describe("refreshDelayInMs", () => {
  it("spreads a fleet's refreshes over a tenth of a token's life, and leaves 30 % of it", () => {
    expect(refreshDelayInMs({ ...FRESH, random: 0 })).toBeCloseTo(0.6 * HOUR);
    expect(refreshDelayInMs({ ...FRESH, random: 1 })).toBeCloseTo(0.7 * HOUR);
  });

  it("goes by the issuer where that is earlier", () => {
    const early = { ...FRESH, unchangedForInMs: HOUR / 4, random: 0 };
    expect(refreshDelayInMs(early)).toBeCloseTo(HOUR / 4);
    expect(refreshDelayInMs({ ...early, unchangedForInMs: HOUR })).toBeCloseTo(0.6 * HOUR);
  });

  it("comes back before the last quarter of what is left when the token is the same", () => {
    const same = { ...FRESH, isUnchanged: true };
    expect(refreshDelayInMs({ ...same, random: 0 })).toBeCloseTo(HOUR / 4);
    expect(refreshDelayInMs({ ...same, random: 1 })).toBeLessThan(HOUR / 4);
  });

  it("never asks more often than four times a second", () => {
    expect(refreshDelayInMs({ ...FRESH, leftInMs: 10, random: 0 })).toBe(250);
    expect(refreshDelayInMs({ ...FRESH, leftInMs: 0, isUnchanged: true, random: 0 })).toBe(250);
  });
});
