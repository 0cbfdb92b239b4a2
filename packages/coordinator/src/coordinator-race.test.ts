import { describe, expect, it } from "vitest";
import {
  acceptedOf,
  entryOf,
  refusalOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

describe("resets at the same time", () => {
  it("accepts exactly one of 20 on two API replicas, and the next after the cool-down", async () => {
    await using fleet = await startMemoryFleet({ replicas: 3, apis: 2 });
    for (let round = 1; round <= 3; round += 1) {
      const asked = Array.from({ length: 10 }, () => fleet.coordinators).flat();
      const results = await Promise.all(
        asked.map((coordinator) => coordinator.inject(resetRequest())),
      );
      const refusals = results.filter((result) => result.kind === "refused").map(refusalOf);
      expect(refusals).toHaveLength(19);
      const [winner] = results.filter((result) => result.kind === "accepted").map(acceptedOf);
      for (const refusal of refusals) {
        expect(["CHAOS_COLLECTING", "CHAOS_COOLING_DOWN"]).toContain(refusal.code);
        expect(refusal.commandId).toBe(winner?.commandId);
        expect(refusal.detail).toContain(`Command ${winner?.commandId}`);
        expect(refusal.retryAfterInMs).toBeGreaterThan(0);
      }
      expect(fleet.broker.commands.filter(({ type }) => type === "command")).toHaveLength(round);
      await fleet.clock.advance(5_000);
    }
    expect(fleet.broker.record?.epoch).toBe(3);
  });

  it("shows the same entry on every API replica", async () => {
    await using fleet = await startMemoryFleet({ replicas: 3, apis: 3 });
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest({ reason: "drill" })));
    const entry = await result.closed;
    await fleet.clock.advance(10);
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.command(result.commandId)).toEqual(entry);
      expect(coordinator.status().cool_down).toEqual({ active: true, remaining_ms: 4_990 });
    }
  });

  it("closes the entry of an API that is gone, on every other, a moment after its deadline", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.replica(0).behaviour = "manual";
    fleet.broker.isLost = (event) => event.type === "command-closed";
    const { commandId } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    const other = fleet.coordinators[1];
    await fleet.clock.advance(5_999);
    expect(other?.command(commandId)?.outcome).toBe("pending");
    await fleet.clock.advance(1);
    expect(other?.command(commandId)).toMatchObject({ outcome: "partial", fleet: { silent: 1 } });
    expect((await other?.inject(resetRequest()))?.kind).toBe("accepted");
  });

  it("takes the end of collecting from the API that issued the command", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.replica(0).behaviour = "manual";
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest({ deadlineInMs: 500 })));
    await fleet.clock.advance(510);
    const entry = await result.closed;
    expect(entry.duration_ms).toBe(500);
    expect(fleet.coordinators[1]?.command(result.commandId)).toEqual(entry);
    fleet.replica(0).acknowledge(result.commandId);
    await fleet.clock.advance(1);
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.command(result.commandId)?.fleet).toMatchObject({ silent: 1, late: 1 });
    }
  });

  it("raises the epoch above everything that a replica has seen", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.join({ replica_id: "old", highest_epoch: 41 });
    fleet.join({ replica_id: "liar", highest_epoch: Number.MAX_SAFE_INTEGER });
    await fleet.clock.advance(10);
    const { commandId } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    expect(fleet.coordinator.command(commandId)?.epoch).toBe(42);
  });

  it("ends what it collects at shutdown with what is known, and leaves the rest to the others", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.replica(0).behaviour = "manual";
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(100);
    fleet.coordinator.closeCollecting();
    expect(await result.closed).toMatchObject({
      outcome: "partial",
      duration_ms: 100,
      fleet: { acknowledged: 1, silent: 1 },
    });
    await fleet.clock.advance(10);
    const other = fleet.coordinators[1];
    expect(other?.command(result.commandId)?.outcome).toBe("pending");
    fleet.replica(0).acknowledge(result.commandId);
    await fleet.clock.advance(1);
    expect(other?.command(result.commandId)?.outcome).toBe("complete");
  });

  it("answers at once when it ends while the command is on its way", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    fleet.bus.beforePublish = () =>
      new Promise((resolve) => {
        fleet.clock.after(100, resolve);
      });
    const injecting = fleet.coordinator.inject(resetRequest());
    await fleet.clock.advance(50);
    fleet.coordinator.closeCollecting();
    await fleet.clock.advance(50);
    const { closed } = acceptedOf(await injecting);
    expect(await closed).toMatchObject({ outcome: "none", fleet: { silent: 1 } });
  });

  it("publishes nothing when it ends while it reserves, and gives the reservation back", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.broker.lock.beforeWrite = () => {
      fleet.coordinator.closeCollecting();
      return Promise.resolve();
    };
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe("SHUTTING_DOWN");
    expect(fleet.replica(0).received).toEqual([]);
    await fleet.clock.advance(10);
    const [, other] = fleet.coordinators;
    expect((await other?.inject(resetRequest()))?.kind).toBe("accepted");
  });

  it("tells the others that a command was closed only after it told them that it was opened", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.bus.beforeEvent = (message) =>
      new Promise((resolve) => {
        fleet.clock.after(message.type === "command-opened" ? 100 : 0, resolve);
      });
    await entryOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(200);
    const types = fleet.broker.events.map(({ type }) => type);
    expect(types.filter((type) => type.startsWith("command-"))).toEqual([
      "command-opened",
      "command-closed",
    ]);
  });

  it("leaves no timer after close, and closes twice", async () => {
    const fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.replica(0).behaviour = "manual";
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    fleet.join({ replica_id: "new", clock_offset_ms: null });
    await fleet.clock.advance(1);
    for (const replica of fleet.replicas) {
      replica.freeze();
    }
    for (const coordinator of fleet.coordinators) {
      await coordinator.close();
      await coordinator.close();
    }
    expect(fleet.clock.armedTimers).toBe(0);
    expect((await result.closed).outcome).toBe("partial");
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe("SHUTTING_DOWN");
    fleet.bus.goDown();
    fleet.bus.goUp();
    expect(fleet.clock.armedTimers).toBe(0);
  });
});
