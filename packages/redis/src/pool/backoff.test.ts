import { describe, expect, it } from "vitest";
import { backoffInMs } from "./backoff.ts";

describe("backoffInMs", () => {
  const backoff = { baseInMs: 1_000, capInMs: 3_000 };

  it("doubles from the base up to the cap", () => {
    const waits = [1, 2, 3, 4, 500].map((retry) => backoffInMs(backoff, retry, () => 0));
    expect(waits).toEqual([1_000, 2_000, 3_000, 3_000, 3_000]);
  });

  it("takes up to a quarter off, so that a fleet does not knock in step", () => {
    expect(backoffInMs(backoff, 1, () => 0.999)).toBeCloseTo(750, -1);
  });
});
