import { describe, expect, it } from "vitest";
import { differsByMuch, heartbeatInterval } from "./heartbeat-interval.ts";

describe("heartbeatInterval", () => {
  it("is the base for a small fleet, and grows so that the fleet keeps its budget", () => {
    const embedded = { heartbeatIntervalInMs: 1_000, heartbeatsPerSecond: 100 };
    expect([0, 1, 100, 500].map((n) => heartbeatInterval(n, embedded))).toEqual([
      1_000, 1_000, 1_000, 5_000,
    ]);
    const azure = { heartbeatIntervalInMs: 10_000, heartbeatsPerSecond: 25 };
    expect([1, 250, 500].map((n) => heartbeatInterval(n, azure))).toEqual([10_000, 10_000, 20_000]);
  });
});

describe("differsByMuch", () => {
  it("is half as much again, or less than half", () => {
    expect([1_000, 1_500, 1_501, 500, 499].map((ms) => differsByMuch(ms, 1_000))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
  });
});
