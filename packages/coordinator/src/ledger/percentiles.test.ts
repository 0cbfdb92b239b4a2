import { describe, expect, it } from "vitest";
import { percentiles } from "./percentiles.ts";

describe("percentiles", () => {
  it("are values that were measured, by nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentiles(values)).toEqual({ p50: 50, p95: 95, max: 100 });
    expect(percentiles([30, 10, 20])).toEqual({ p50: 20, p95: 30, max: 30 });
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, max: 7 });
  });

  it("are null for no value", () => {
    expect(percentiles([])).toBeNull();
  });
});
