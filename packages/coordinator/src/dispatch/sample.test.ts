import { describe, expect, it } from "vitest";
import { sample } from "./sample.ts";

describe("sample", () => {
  it("draws each item at most once", () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    const chosen = sample(items, 40, Math.random);
    expect(new Set(chosen).size).toBe(40);
    expect(items).toHaveLength(100);
  });

  it("draws everything when more is asked for, whatever the random source says", () => {
    for (const random of [() => 0, () => 0.999_999, () => 1]) {
      expect(sample(["a", "b", "c"], 10, random).toSorted()).toEqual(["a", "b", "c"]);
    }
    expect(sample([], 3, Math.random)).toEqual([]);
  });

  it("gives every item the same chance", () => {
    const drawn = new Map<string, number>();
    for (let round = 0; round < 3_000; round += 1) {
      for (const item of sample(["a", "b", "c"], 1, Math.random)) {
        drawn.set(item, (drawn.get(item) ?? 0) + 1);
      }
    }
    for (const count of drawn.values()) {
      expect(count).toBeGreaterThan(800);
    }
  });
});
