import { describe, expect, it } from "vitest";
import { deadline } from "./deadline.ts";

const reset = { fault: "redis-reset", action: "inject" } as const;
const force = { ...reset, parameters: { force: true, drain_timeout_ms: 5_000 } };
const drain = { ...reset, parameters: { force: false, drain_timeout_ms: 8_000 } };

describe("deadline", () => {
  it("is 5 s for a close now and the drain plus 3 s for a drain", () => {
    expect(deadline({ order: force, askedInMs: undefined, floorInMs: 0 })).toBe(5_000);
    expect(deadline({ order: drain, askedInMs: undefined, floorInMs: 0 })).toBe(11_000);
  });

  it("is 15 s for a load, which has to be in effect everywhere, and 5 s for its end", () => {
    const load = {
      fault: "load",
      action: "inject",
      parameters: { level: "high", duration_seconds: 60, jobs_per_second: 0 },
    } as const;
    const end = { fault: "load", action: "recover", parameters: {} } as const;
    expect(deadline({ order: load, askedInMs: undefined, floorInMs: 0 })).toBe(15_000);
    expect(deadline({ order: end, askedInMs: undefined, floorInMs: 0 })).toBe(5_000);
  });

  it("is what the caller asked for, raised to the fleet's floor", () => {
    expect(deadline({ order: force, askedInMs: 100, floorInMs: 0 })).toBe(100);
    expect(deadline({ order: force, askedInMs: 100, floorInMs: 700 })).toBe(700);
    expect(deadline({ order: force, askedInMs: undefined, floorInMs: 7_000 })).toBe(7_000);
  });
});
