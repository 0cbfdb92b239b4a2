import { describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { BrokerTime } from "./broker-time.ts";

describe("BrokerTime", () => {
  it("is the local clock until a delivery was observed", () => {
    const clock = new FakeClock();
    const time = new BrokerTime(clock);
    expect(time.offsetInMs()).toBeNull();
    expect(time.nowInMs()).toBe(clock.nowInMs());
  });

  it("corrects a clock that is 10 minutes off", () => {
    const clock = new FakeClock();
    const brokerNowInMs = clock.nowInMs();
    clock.shiftWallClock(600_000);
    const time = new BrokerTime(clock);
    time.observe(brokerNowInMs - 3);
    expect(time.offsetInMs()).toBe(600_003);
    expect(time.nowInMs()).toBe(brokerNowInMs - 3);
  });

  it("does not notice when the wall clock is set right in mid-flight", () => {
    const clock = new FakeClock();
    clock.shiftWallClock(-600_000);
    const time = new BrokerTime(clock);
    const brokerNowInMs = clock.nowInMs() + 600_000;
    time.observe(brokerNowInMs);
    clock.shiftWallClock(600_000);
    expect(time.nowInMs()).toBe(brokerNowInMs);
    expect(time.offsetInMs()).toBe(0);
  });

  it("takes the fastest delivery, so that a backlog read late does not look fresh", async () => {
    const clock = new FakeClock();
    const time = new BrokerTime(clock);
    time.observe(clock.nowInMs() - 2);
    await clock.advance(30_000);
    const enqueuedAtInMs = clock.nowInMs() - 20_000;
    time.observe(enqueuedAtInMs);
    expect(time.nowInMs() - enqueuedAtInMs).toBe(19_998);
  });

  it("forgets the fastest delivery once the window has moved past it", () => {
    const clock = new FakeClock();
    const time = new BrokerTime(clock);
    time.observe(clock.nowInMs());
    for (let delivery = 0; delivery < 64; delivery += 1) {
      time.observe(clock.nowInMs() - 40);
    }
    expect(time.offsetInMs()).toBe(40);
  });
});
