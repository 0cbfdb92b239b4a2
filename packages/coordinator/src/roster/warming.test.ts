import { silentLog } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { Warming } from "./warming.ts";

function arrange() {
  const clock = new FakeClock();
  const bus = { isUp: true, rollCalls: 0, settlesAfterInMs: 0 };
  const fleet = { intervalInMs: 1_000, lastJoinedInMs: null as number | null };
  const warming = new Warming({
    clock,
    log: silentLog,
    publishRollCall: async () => {
      bus.rollCalls += 1;
      await new Promise<void>((resolve) => {
        clock.after(bus.settlesAfterInMs, resolve);
      });
      if (!bus.isUp) {
        throw new Error("down");
      }
    },
    intervalInMs: () => fleet.intervalInMs,
    lastJoinedInMs: () => fleet.lastJoinedInMs,
    isSelfHeard: () => true,
  });
  return { clock, bus, fleet, warming };
}

describe("Warming", () => {
  it("is ready one interval after the roll-call was settled", async () => {
    const { clock, bus, warming } = arrange();
    bus.settlesAfterInMs = 300;
    void warming.begin();
    expect(warming.retryAfterInMs()).toBe(1_000);
    await clock.advance(1_299);
    expect(warming.state).toBe("warming");
    expect(warming.retryAfterInMs()).toBe(1);
    await clock.advance(1);
    expect(warming.state).toBe("ready");
    expect(clock.armedTimers).toBe(0);
  });

  it("waits until no newcomer has shown up for half an interval", async () => {
    const { clock, fleet, warming } = arrange();
    void warming.begin();
    await clock.advance(800);
    fleet.lastJoinedInMs = clock.monotonicInMs();
    await clock.advance(499);
    expect(warming.state).toBe("warming");
    await clock.advance(1);
    expect(warming.state).toBe("ready");
  });

  it("waits for a fleet that never stops growing three intervals, no longer", async () => {
    const { clock, fleet, warming } = arrange();
    void warming.begin();
    for (let span = 0; span < 2_900; span += 100) {
      await clock.advance(100);
      fleet.lastJoinedInMs = clock.monotonicInMs();
    }
    expect(warming.state).toBe("warming");
    await clock.advance(100);
    expect(warming.state).toBe("ready");
  });

  it("goes by the interval of the fleet that it finds", async () => {
    const { clock, fleet, warming } = arrange();
    void warming.begin();
    await clock.advance(500);
    fleet.intervalInMs = 5_000;
    await clock.advance(4_499);
    expect(warming.state).toBe("warming");
    await clock.advance(1);
    expect(warming.state).toBe("ready");
  });

  it("asks again until the roll-call is settled", async () => {
    const { clock, bus, warming } = arrange();
    bus.isUp = false;
    void warming.begin();
    await clock.advance(1_600);
    expect(bus.rollCalls).toBe(4);
    bus.isUp = true;
    await clock.advance(1_400);
    expect(warming.state).toBe("ready");
  });

  it("begins anew with every connection, and forgets what an earlier one awaited", async () => {
    const { clock, bus, warming } = arrange();
    bus.settlesAfterInMs = 400;
    void warming.begin();
    await clock.advance(300);
    void warming.begin();
    await clock.advance(1_100);
    expect(warming.state).toBe("warming");
    await clock.advance(300);
    expect(warming.state).toBe("ready");
    void warming.begin();
    expect(warming.state).toBe("warming");
    await clock.advance(10_000);
    expect(warming.state).toBe("ready");
    expect(bus.rollCalls).toBe(3);
  });

  it("does nothing while suspended", async () => {
    const { clock, bus, warming } = arrange();
    bus.settlesAfterInMs = 100;
    void warming.begin();
    await clock.advance(50);
    warming.suspend();
    await clock.advance(10_000);
    expect(warming.state).toBe("warming");
    expect(clock.armedTimers).toBe(0);
  });
});
