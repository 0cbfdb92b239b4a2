import type { RollCall } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import type { MemoryBroker } from "./testing/memory-broker.ts";
import {
  acceptedOf,
  entryOf,
  refusalOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

function rollCalls(broker: MemoryBroker): RollCall[] {
  return broker.commands.filter((message) => message.type === "roll-call");
}

describe("a coordinator that has just started", () => {
  it("injects nothing until it has heard the whole fleet, then counts on all of it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 30 });
    const { coordinator } = fleet.makeCoordinator({ issuer: "api-late" });
    await coordinator.start();
    await fleet.clock.advance(500);
    expect(coordinator.readiness()).toEqual({ busConnected: true, roster: "warming" });
    const refusal = refusalOf(await coordinator.inject(resetRequest()));
    expect(refusal).toMatchObject({ code: "CHAOS_ROSTER_WARMING", retryAfterInMs: 500 });
    await fleet.clock.advance(500);
    expect(coordinator.readiness().roster).toBe("ready");
    const entry = await entryOf(await coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", fleet: { expected: 30 } });
    await coordinator.close();
  });

  it("is not ready before it has heard its own process, so that no reset leaves that out", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    const { coordinator } = fleet.makeCoordinator({
      issuer: "api-late",
      ownReplica: { replicaId: "api-late", instanceId: "api-late-1" },
    });
    await coordinator.start();
    await fleet.clock.advance(5_000);
    expect(refusalOf(await coordinator.inject(resetRequest()))).toMatchObject({
      code: "CHAOS_ROSTER_WARMING",
      retryAfterInMs: 100,
    });
    fleet.join({ replica_id: "api-late", instance_id: "api-late-1" });
    await fleet.clock.advance(600);
    const entry = await entryOf(await coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", fleet: { expected: 3 } });
    await coordinator.close();
  });

  it("is ready after half a minute without its own process, whose agent cannot reach the bus", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    const { coordinator } = fleet.makeCoordinator({
      issuer: "api-late",
      ownReplica: { replicaId: "api-late", instanceId: "api-late-1" },
    });
    await coordinator.start();
    await fleet.clock.advance(29_000);
    expect(coordinator.readiness().roster).toBe("warming");
    await fleet.clock.advance(2_000);
    expect(coordinator.readiness().roster).toBe("ready");
    await coordinator.close();
  });

  it("does not say that nobody is there before it has listened", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0, isWarm: false });
    const target = { replicas: ["nobody"] };
    expect(refusalOf(await fleet.coordinator.inject(resetRequest({ target }))).code).toBe(
      "CHAOS_ROSTER_WARMING",
    );
  });

  it("asks everybody, with the interval to keep and a span to spread the answers over", async () => {
    await using fleet = await startMemoryFleet({ replicas: 3 });
    expect(rollCalls(fleet.broker)[0]).toMatchObject({
      issuer: "api-1",
      heartbeat_interval_ms: 1_000,
      jitter_ms: 400,
    });
    expect(rollCalls(fleet.broker)[0]?.replicas).toBeUndefined();
  });

  it("waits while newcomers keep showing up, at most three intervals", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, isWarm: false });
    let joined = 1;
    const readyAfter = async (): Promise<number> => {
      for (let waited = 0; waited < 10_000; waited += 300) {
        if (fleet.coordinator.readiness().roster === "ready") {
          return waited;
        }
        joined += 1;
        fleet.join({ replica_id: `r${joined}` });
        await fleet.clock.advance(300);
      }
      return Number.POSITIVE_INFINITY;
    };
    const waitedInMs = await readyAfter();
    expect(waitedInMs).toBeGreaterThanOrEqual(3_000);
    expect(waitedInMs).toBeLessThanOrEqual(3_300);
  });

  it("is not connected and warming while the bus is down at start, and recovers by itself", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, isWarm: false });
    const { coordinator, bus } = fleet.makeCoordinator();
    bus.goDown();
    await coordinator.start();
    await fleet.clock.advance(5_000);
    expect(coordinator.readiness()).toEqual({ busConnected: false, roster: "warming" });
    expect(coordinator.status().bus.connected).toBe(false);
    bus.goUp();
    await fleet.clock.advance(1_100);
    expect(coordinator.readiness()).toEqual({ busConnected: true, roster: "ready" });
    expect(coordinator.status().fleet).toEqual({ replicas: 2, active: 2, stale: 0, left: 0 });
    await coordinator.close();
  });
});

describe("a coordinator that starts after a command", () => {
  const drain = resetRequest({
    order: {
      fault: "redis-reset",
      action: "inject",
      parameters: { force: false, drain_timeout_ms: 60_000 },
    },
  });

  it("accepts the next one once the cool-down is over, however long the answers might have taken", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    await entryOf(await fleet.coordinator.inject(drain));
    const { coordinator } = fleet.makeCoordinator();
    await coordinator.start();
    await fleet.clock.advance(6_000);
    const entry = await entryOf(await coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", epoch: 2 });
    await coordinator.close();
  });

  it("refuses while the answers are really still collected", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(1).behaviour = "manual";
    acceptedOf(await fleet.coordinator.inject(drain));
    const { coordinator } = fleet.makeCoordinator();
    await coordinator.start();
    await fleet.clock.advance(6_000);
    expect(refusalOf(await coordinator.inject(resetRequest())).code).toBe("CHAOS_COLLECTING");
    await coordinator.close();
  });
});

describe("the roster of a running coordinator", () => {
  it("welcomes a newcomer whose clock is not timed with a roll-call of its own", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    const before = rollCalls(fleet.broker).length;
    fleet.join({ replica_id: "new-1", clock_offset_ms: null });
    await fleet.clock.advance(100);
    fleet.join({ replica_id: "new-2", clock_offset_ms: null });
    fleet.join({ replica_id: "timed" });
    await fleet.clock.advance(200);
    expect(rollCalls(fleet.broker).slice(before)).toMatchObject([{ replicas: ["new-1", "new-2"] }]);
    expect(fleet.bus.provisioned).toEqual(["r1", "new-1", "new-2", "timed"]);
  });

  it("provisions a known replica again when it says hello unasked, or after this API was cut off", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    expect(fleet.bus.provisioned).toEqual(["r1"]);
    await fleet.clock.advance(20_000);
    fleet.replica(0).say("hello");
    fleet.replica(0).say("hello");
    await fleet.clock.advance(10);
    expect(fleet.bus.provisioned).toEqual(["r1", "r1"]);
    fleet.broker.restart();
    await fleet.clock.advance(20_000);
    expect(fleet.bus.provisioned).toEqual(["r1", "r1", "r1"]);
  });

  it("names a replica again whose clock is still not timed", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0 });
    fleet.join({ replica_id: "deaf", clock_offset_ms: null });
    await fleet.clock.advance(10_000);
    const named = rollCalls(fleet.broker).filter(({ replicas }) => replicas?.includes("deaf"));
    expect(named).toHaveLength(3);
  });

  it("tells the fleet a longer interval when it has grown, and keeps the heartbeats in budget", async () => {
    await using fleet = await startMemoryFleet({
      replicas: 2,
      options: { heartbeatsPerSecond: 1 },
    });
    await fleet.clock.advance(6_000);
    expect(fleet.replica(0).state.interval_ms).toBe(2_000);
    for (let index = 0; index < 6; index += 1) {
      fleet.join({ replica_id: `more-${index}` });
    }
    await fleet.clock.advance(6_000);
    expect(fleet.replica(0).state.interval_ms).toBe(8_000);
    expect(fleet.coordinator.status().fleet.active).toBe(8);
    // Answers to this API's own roll-calls ask for nothing.
    expect(fleet.bus.provisioned).toHaveLength(8);
  });

  it("counts on a replica that has gone silent, and no more once it has left", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(1).freeze();
    await fleet.clock.advance(3_000);
    expect(fleet.coordinator.replica("r2")?.state).toBe("stale");
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest({ deadlineInMs: 500 })));
    await fleet.clock.advance(500);
    expect((await result.closed).fleet).toMatchObject({ expected: 2, silent: 1 });
    await fleet.clock.advance(60_000);
    expect(fleet.coordinator.replica("r2")?.state).toBe("left");
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", fleet: { expected: 1 } });
    const target = { replicas: ["r2"] };
    await fleet.clock.advance(5_000);
    expect(refusalOf(await fleet.coordinator.inject(resetRequest({ target }))).code).toBe(
      "UNKNOWN_REPLICA",
    );
  });

  it("does not take a replica for gone while the API itself hears nothing", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.bus.goDown();
    await fleet.clock.advance(120_000);
    expect(fleet.coordinator.status().fleet.active).toBe(2);
    fleet.replica(1).freeze();
    fleet.bus.goUp();
    await fleet.clock.advance(4_000);
    expect(fleet.coordinator.status().fleet).toMatchObject({ active: 1, stale: 1, left: 0 });
  });

  it("expects a restarted replica's new instance alone", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(1).freeze();
    fleet.join({ replica_id: "r2", instance_id: "r2-i2" });
    await fleet.clock.advance(10);
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry.outcome).toBe("complete");
    expect(entry.replicas.map(({ instance_id }) => instance_id)).toEqual(["r1-i1", "r2-i2"]);
    expect(fleet.coordinator.replica("r2")?.instance_id).toBe("r2-i2");
  });

  it("flags two live instances of one replica id, and sums what both closed", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.join({ replica_id: "r2", instance_id: "r2-twin" });
    await fleet.clock.advance(2_500);
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "partial", connections_closed: 30 });
    expect(entry.fleet).toMatchObject({ expected: 3, acknowledged: 3 });
    expect(entry.replicas.map(({ error }) => error?.code)).toEqual([
      undefined,
      "DUPLICATE_REPLICA_ID",
      "DUPLICATE_REPLICA_ID",
    ]);
    await fleet.clock.advance(10);
    expect(fleet.coordinators[1]?.command(entry.command_id)).toEqual(entry);
  });

  it("takes part with a replica and an API whose clocks are ten minutes off", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0 });
    fleet.broker.clockShiftInMs = -600_000;
    const { coordinator } = fleet.makeCoordinator();
    await coordinator.start();
    fleet.join({ replica_id: "r1" });
    fleet.join({ replica_id: "r2", clock_offset_ms: 600_000 });
    await fleet.clock.advance(1_500);
    const entry = await entryOf(await coordinator.inject(resetRequest()));
    await coordinator.close();
    expect(entry.outcome).toBe("complete");
    const brokerNowInMs = fleet.broker.nowInMs();
    expect(Math.abs(Date.parse(entry.opened_at) - brokerNowInMs)).toBeLessThan(10);
  });
});

describe("a roster that warms while the broker's receipts get lost", () => {
  it("is ready within 4 s of their end, however long they were lost", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.bus.losesReceipts = true;
    fleet.bus.goDown();
    fleet.bus.goUp();
    await fleet.clock.advance(6_000);
    expect(fleet.coordinator.readiness().roster).toBe("warming");
    fleet.bus.losesReceipts = false;
    await fleet.clock.advance(4_000);
    expect(fleet.coordinator.readiness().roster).toBe("ready");
  });
});

describe("a coordinator whose process stood still", () => {
  it("listens anew before it counts on a roster that it has not heard for minutes", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.clock.skip(120_000);
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe(
      "CHAOS_ROSTER_WARMING",
    );
    expect(fleet.coordinator.status().fleet.active).toBe(2);
    await fleet.clock.advance(1_100);
    expect((await entryOf(await fleet.coordinator.inject(resetRequest()))).outcome).toBe(
      "complete",
    );
  });
});
