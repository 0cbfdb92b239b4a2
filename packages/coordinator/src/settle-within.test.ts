import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { settleWithin } from "./settle-within.ts";

describe("settleWithin", () => {
  it("says whether a promise was settled in time, either way, and leaves no timer", async () => {
    const clock = new FakeClock();
    expect(await settleWithin(clock, Promise.resolve(), 10)).toBe(true);
    expect(await settleWithin(clock, Promise.reject(new Error("no")), 10)).toBe(true);
    const never = settleWithin(clock, new Promise(() => undefined), 10);
    await clock.advance(10);
    expect(await never).toBe(false);
    expect(clock.armedTimers).toBe(0);
  });
});
