import { BUS_SCHEMA_VERSION } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { recovery } from "./testing/messages.ts";
import {
  acceptedOf,
  entryOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

describe("a ledger entry after its deadline", () => {
  it("shows who answered late, within silent, and adds what it closed", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(1).behaviour = "manual";
    const { commandId, closed } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(5_000);
    expect(await closed).toMatchObject({ connections_closed: 10, fleet: { silent: 1, late: 0 } });
    fleet.replica(1).acknowledge(commandId);
    await fleet.clock.advance(10);
    const entry = fleet.coordinator.command(commandId);
    expect(entry).toMatchObject({
      outcome: "partial",
      connections_closed: 20,
      fleet: { expected: 2, acknowledged: 1, silent: 1, late: 1 },
    });
    expect(entry?.replicas[1]).toMatchObject({ state: "late", connections_closed: 10 });
  });

  it("moves who let the command expire from silent to expired", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(1).behaviour = "manual";
    const { commandId } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(6_000);
    fleet.replica(1).acknowledge(commandId, { state: "expired", connections_closed: 0 });
    await fleet.clock.advance(10);
    expect(fleet.coordinator.command(commandId)?.fleet).toMatchObject({
      expected: 2,
      acknowledged: 1,
      silent: 0,
      expired: 1,
      late: 0,
    });
  });

  it("is partial, no longer none, once a late answer shows that somebody did it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    const { commandId } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(5_000);
    expect(fleet.coordinator.command(commandId)?.outcome).toBe("none");
    fleet.replica(0).acknowledge(commandId);
    await fleet.clock.advance(10);
    expect(fleet.coordinator.command(commandId)).toMatchObject({
      outcome: "partial",
      fleet: { acknowledged: 0, silent: 1, late: 1 },
    });
  });

  it("counts a repeated answer once, and heals a lost one by the next heartbeat", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.broker.isLost = (event) => event.type === "acknowledgement" && event.replica_id === "r2";
    const { closed } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(1_000);
    const entry = await closed;
    expect(entry).toMatchObject({ outcome: "complete", connections_closed: 20 });
    await fleet.clock.advance(10_000);
    expect(fleet.coordinator.command(entry.command_id)).toEqual(entry);
  });

  it("flags a replica that gives two different answers", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    fleet.replica(0).acknowledge(entry.command_id, { connections_closed: 99 });
    await fleet.clock.advance(10);
    const amended = fleet.coordinator.command(entry.command_id);
    expect(amended).toMatchObject({ outcome: "partial", connections_closed: 20 });
    expect(amended?.replicas[0]).toMatchObject({
      state: "acknowledged",
      connections_closed: 10,
      error: { code: "CONFLICTING_ANSWERS" },
    });
  });

  it("keeps an answer of another instance apart from the expected one", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    const { commandId, closed } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    fleet.replica(0).acknowledge(commandId, { instance_id: "restarted" });
    await fleet.clock.advance(5_000);
    const entry = await closed;
    expect(entry.replicas.map(({ instance_id, state }) => [instance_id, state])).toEqual([
      ["r1-i1", "silent"],
      ["restarted", "joined_late"],
    ]);
    expect(entry).toMatchObject({ outcome: "partial", connections_closed: 10 });
  });

  it("shows how the fleet came back, and who has not", async () => {
    await using fleet = await startMemoryFleet({ replicas: 3, apis: 2 });
    const { command_id } = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(fleet.coordinator.command(command_id)?.recovery).toBeNull();
    const schema = BUS_SCHEMA_VERSION;
    for (const [index, all_back_ms] of [100, 300, null].entries()) {
      const replica_id = `r${index + 1}`;
      const body = recovery({ command_id, replica_id, instance_id: `${replica_id}-i1` });
      const report = { ...body, schema, type: "recovery-report", all_back_ms } as const;
      fleet.broker.sendEvent(report);
    }
    await fleet.clock.advance(10);
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.command(command_id)?.recovery).toMatchObject({
        all_back_ms: { p50: 100, p95: 300, max: 300 },
        work_recovered_ms: null,
        not_back: ["r3"],
      });
    }
  });

  it("keeps answers that overtook the opening of their command", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    const second = fleet.buses[1];
    const held: Parameters<typeof fleet.broker.sendEvent>[] = [];
    fleet.broker.isLost = (event, bus) => {
      if (event.type === "command-opened" && bus === second) {
        held.push([event]);
        return true;
      }
      return false;
    };
    const { command_id } = await entryOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(30_000);
    fleet.broker.isLost = () => false;
    for (const [event] of held) {
      fleet.broker.sendEvent(event);
    }
    await fleet.clock.advance(2_000);
    expect(fleet.coordinators[1]?.command(command_id)).toMatchObject({
      outcome: "complete",
      connections_closed: 20,
    });
  });

  it("opens a large fleet's entry from parts below what a message can hold", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0, apis: 2 });
    const pad = "x".repeat(200);
    for (let index = 0; index < 1_000; index += 1) {
      const replica = fleet.join({ replica_id: `${index}-${pad}`, interval_ms: 600_000 });
      replica.behaviour = "manual";
    }
    await fleet.clock.advance(20_000);
    const { commandId } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(10);
    const opened = fleet.broker.events.filter((event) => event.type === "command-opened");
    expect(opened.length).toBeGreaterThan(1);
    for (const event of opened) {
      expect(JSON.stringify(event).length).toBeLessThan(200_000);
    }
    expect(fleet.coordinators[1]?.command(commandId)?.fleet.expected).toBe(1_000);
  });
});

describe("the list of commands", () => {
  it("is newest first, in pages", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, options: { coolDownInMs: 0 } });
    const ids: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      ids.unshift((await entryOf(await fleet.coordinator.inject(resetRequest()))).command_id);
      await fleet.clock.advance(10);
    }
    const first = fleet.coordinator.commands({ limit: 2 });
    expect(first.entries.map(({ command_id }) => command_id)).toEqual(ids.slice(0, 2));
    const second = fleet.coordinator.commands({ limit: 3, before: first.next ?? "" });
    expect(second.entries.map(({ command_id }) => command_id)).toEqual(ids.slice(2));
    expect(second.next).toBeNull();
    expect(fleet.coordinator.commands({ limit: 3, before: "nobody" }).entries).toEqual([]);
    expect(fleet.coordinator.command("nobody")).toBeUndefined();
  });
});
