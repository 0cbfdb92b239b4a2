import { BrokerTime } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import type { CommandBus } from "../ports/command-bus.ts";
import { MemoryBroker } from "../testing/memory-broker.ts";
import { RollCalls } from "./roll-calls.ts";

function arrange() {
  const clock = new FakeClock();
  const broker = new MemoryBroker(clock);
  const bus = broker.makeBus();
  const fleet = { size: 1 };
  const options = {
    clock,
    brokerTime: new BrokerTime(clock),
    issuer: "api-1",
    budget: { heartbeatIntervalInMs: 1_000, heartbeatsPerSecond: 10 },
    aliveCount: () => fleet.size,
    halt: () => null,
  };
  const rollCalls = new RollCalls({ bus, ...options });
  return { clock, broker, bus, fleet, options, rollCalls };
}

describe("RollCalls", () => {
  it("asks everybody with time to spread, or the named at once, always with the interval", async () => {
    const { broker, fleet, rollCalls } = arrange();
    fleet.size = 50;
    await rollCalls.publish();
    await rollCalls.publish(["a"]);
    expect(broker.commands).toEqual([
      {
        schema: 1,
        type: "roll-call",
        issuer: "api-1",
        issued_at: "2026-01-01T00:00:00.000Z",
        heartbeat_interval_ms: 5_000,
        jitter_ms: 2_000,
      },
      {
        schema: 1,
        type: "roll-call",
        issuer: "api-1",
        issued_at: "2026-01-01T00:00:00.000Z",
        heartbeat_interval_ms: 5_000,
        jitter_ms: 0,
        replicas: ["a"],
      },
    ]);
    expect(rollCalls.publishedIntervalInMs).toBe(5_000);
  });

  it("carries the latest halt or release that is known", async () => {
    const { bus, broker, options } = arrange();
    const halt = () => ({ epoch: 7, isHalted: true });
    await new RollCalls({ ...options, bus, halt }).publish(["a"]);
    expect(broker.commands).toMatchObject([{ halt: { epoch: 7, halted: true } }]);
  });

  it("is due when the fleet has grown or shrunk by much, at most every five seconds", async () => {
    const { clock, fleet, rollCalls } = arrange();
    expect(rollCalls.isDue()).toBe(false);
    fleet.size = 15;
    expect(rollCalls.isDue()).toBe(false);
    fleet.size = 16;
    expect(rollCalls.isDue()).toBe(true);
    await rollCalls.publish();
    fleet.size = 40;
    expect(rollCalls.isDue()).toBe(false);
    await clock.advance(5_000);
    expect(rollCalls.isDue()).toBe(true);
    fleet.size = 16;
    expect(rollCalls.isDue()).toBe(false);
    fleet.size = 1;
    expect(rollCalls.isDue()).toBe(false);
  });

  it("fails when the bus is down, and when it is not known whether it went out", async () => {
    const { bus, broker, options, rollCalls } = arrange();
    bus.goDown();
    await expect(rollCalls.publish()).rejects.toThrow("the bus is down");
    const vague = broker.makeBus();
    const vagueBus: CommandBus = Object.assign(vague, {
      publishCommand: () => Promise.resolve("unknown" as const),
    });
    const unsure = new RollCalls({ ...options, bus: vagueBus });
    await expect(unsure.publish()).rejects.toThrow("not known");
  });
});
