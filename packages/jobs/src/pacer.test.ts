import { describe, expect, it } from "vitest";
import { Pacer } from "./pacer.ts";

describe("Pacer", () => {
  it.each([1, 7, 300, 10_000])("hands out %i a second over many small portions", (rate) => {
    const pacer = new Pacer(rate, 0);
    let taken = 0;
    for (let nowInMs = 25; nowInMs <= 10_000; nowInMs += 25) {
      taken += pacer.take(nowInMs, Number.POSITIVE_INFINITY);
    }
    // One may still be on its way, in parts.
    expect(Math.abs(taken - 10 * rate)).toBeLessThanOrEqual(1);
    expect(pacer.withheld).toBe(0);
  });

  it("makes up for a quarter of a second after a pause, and withholds the rest for good", () => {
    const pacer = new Pacer(400, 0);
    expect(pacer.take(60_000, Number.POSITIVE_INFINITY)).toBe(100);
    expect(pacer.take(60_025, Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(110);
    expect(pacer.withheld).toBeGreaterThanOrEqual(400 * 60 - 200);
  });

  it("never hands out more than there is room for, nor anything when there is none", () => {
    const pacer = new Pacer(1_000, 0);
    expect(pacer.take(100, 30)).toBe(30);
    expect(pacer.take(200, 0)).toBe(0);
    expect(pacer.take(300, -5)).toBe(0);
  });
});
