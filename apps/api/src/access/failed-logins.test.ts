import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { FailedLogins } from "./failed-logins.ts";

describe("FailedLogins", () => {
  it("lets ten failures in a minute pass, then says how long is left of the minute", async () => {
    const clock = new FakeClock();
    const failed = new FailedLogins(clock);
    const waits = Array.from({ length: 10 }, () => failed.record("10.0.0.1"));
    expect(waits).toEqual(Array.from({ length: 10 }, () => 0));
    await clock.advance(20_000);
    expect(failed.record("10.0.0.1")).toBe(40_000);
    expect(failed.record("10.0.0.2")).toBe(0);
    await clock.advance(40_000);
    expect(failed.record("10.0.0.1")).toBe(0);
  });

  it("counts a network of IPv6 as one", () => {
    const failed = new FailedLogins(new FakeClock());
    for (let host = 1; host <= 10; host += 1) {
      failed.record(`2001:db8::${host}`);
    }
    expect(failed.record("2001:db8::ffff")).toBe(60_000);
  });

  it("remembers a bounded number of addresses, and forgets the oldest for a new one", () => {
    const failed = new FailedLogins(new FakeClock());
    for (let round = 0; round < 11; round += 1) {
      failed.record("10.0.0.1");
    }
    for (let index = 0; index < 20_000; index += 1) {
      failed.record(`10.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`);
    }
    expect(failed.size).toBe(10_000);
    expect(failed.record("10.0.0.1")).toBe(0);
  });
});
