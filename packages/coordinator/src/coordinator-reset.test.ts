import { describe, expect, it } from "vitest";
import {
  acceptedOf,
  entryOf,
  refusalOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

describe("a reset's outcome", () => {
  it("is complete when every replica acknowledged, and sums what they closed", async () => {
    await using fleet = await startMemoryFleet({ replicas: 3 });
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({
      outcome: "complete",
      published: "yes",
      connections_closed: 30,
      epoch: 1,
      deadline_ms: 5_000,
      caller: "tester",
      issuer: "api-1",
      fleet: { expected: 3, acknowledged: 3, silent: 0, late: 0, joined_late: 0 },
    });
    expect(entry.replicas.map((row) => row.state)).toEqual(Array(3).fill("acknowledged"));
  });

  it("is complete with replicas that hold no connection", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).answer = { connections_closed: 0 };
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", connections_closed: 0 });
  });

  it("is partial when one is silent, and names it at the deadline", async () => {
    await using fleet = await startMemoryFleet({ replicas: 3 });
    fleet.replica(1).freeze();
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(4_999);
    expect(fleet.coordinator.command(result.commandId)?.outcome).toBe("pending");
    await fleet.clock.advance(1);
    const entry = await result.closed;
    expect(entry).toMatchObject({ outcome: "partial", connections_closed: 20, duration_ms: 5_000 });
    expect(entry.fleet).toMatchObject({ expected: 3, acknowledged: 2, silent: 1 });
    expect(entry.replicas.find((row) => row.state === "silent")?.replica_id).toBe("r2");
  });

  it("is partial when one fails, refuses, expires, leaves, or sees not all of its connections", async () => {
    for (const state of ["failed", "refused", "expired"] as const) {
      await using fleet = await startMemoryFleet({ replicas: 2 });
      fleet.replica(0).answer = { state, connections_closed: 0 };
      const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
      expect(entry.outcome).toBe("partial");
      expect(entry.fleet).toMatchObject({ expected: 2, acknowledged: 1, [state]: 1 });
    }
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).answer = { coverage: "partial", unseen: 3 };
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "partial", fleet: { acknowledged: 2 } });
  });

  it("does not wait for a replica that says bye while it is pending", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(1).behaviour = "manual";
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(10);
    fleet.replica(1).bye();
    const entry = await result.closed;
    expect(entry).toMatchObject({ outcome: "partial", duration_ms: 10, fleet: { left: 1 } });
  });

  it("is none when everybody answered and nobody did it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).behaviour = "refuse";
    fleet.replica(1).behaviour = "fail";
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "none", fleet: { refused: 1, failed: 1, silent: 0 } });
    expect(entry.replicas[0]?.error?.code).toBe("NOT_ALLOWED");
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe(
      "CHAOS_COOLING_DOWN",
    );
  });

  it("is none when nobody answered, and the cool-down is consumed", async () => {
    await using fleet = await startMemoryFleet({
      replicas: 1,
      options: { coolDownInMs: 20_000 },
    });
    fleet.replica(0).freeze();
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(5_000);
    expect(await result.closed).toMatchObject({ outcome: "none", fleet: { silent: 1 } });
    expect(refusalOf(await fleet.coordinator.inject(resetRequest()))).toMatchObject({
      code: "CHAOS_COOLING_DOWN",
      commandId: result.commandId,
      retryAfterInMs: 15_000,
    });
  });

  it("waits as long as the caller says, and at least as long as the fleet needs, which the status says", async () => {
    await using fleet = await startMemoryFleet({
      replicas: 2,
      options: {
        busTier: "standard",
        deadlineFloorInMs: (replicas) => replicas * 300,
      },
    });
    expect(fleet.coordinator.status().bus).toEqual({
      connected: true,
      tier: "standard",
      heartbeat_interval_ms: 1_000,
      least_deadline_ms: 600,
    });
    const request = resetRequest({ deadlineInMs: 100 });
    const entry = await entryOf(await fleet.coordinator.inject(request));
    expect(entry.deadline_ms).toBe(600);
    await fleet.clock.advance(5_000);
    const longer = await entryOf(
      await fleet.coordinator.inject(resetRequest({ deadlineInMs: 700 })),
    );
    expect(longer.deadline_ms).toBe(700);
    expect(Date.parse(longer.deadline_at) - Date.parse(longer.opened_at)).toBe(700);
  });

  it("counts a newcomer's answer in the sum without expecting it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).behaviour = "manual";
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    const newcomer = fleet.join({ replica_id: "r9" });
    newcomer.acknowledge(result.commandId);
    fleet.replica(0).acknowledge(result.commandId);
    const entry = await result.closed;
    expect(entry).toMatchObject({ outcome: "complete", connections_closed: 30 });
    expect(entry.fleet).toMatchObject({ expected: 2, acknowledged: 2, joined_late: 1 });
    expect(entry.replicas.at(-1)).toMatchObject({ replica_id: "r9", state: "joined_late" });
  });
});
