import { BUS_SCHEMA_VERSION, type FleetEvent } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { forgedOpening } from "./testing/forged-opening.ts";
import { acknowledgement, recovery, replicaState } from "./testing/messages.ts";
import { entryOf, resetRequest, startMemoryFleet } from "./testing/start-memory-fleet.ts";

const schema = BUS_SCHEMA_VERSION;
const never = "9999-99-99T99:99:99.999Z";
const farFuture = "9998-01-01T00:00:00.000Z";

function hostileEvents(): FleetEvent[] {
  const huge = 1e308;
  const counts = { command: huge, blocking: huge, subscriber: huge, unknown: huge };
  const redis = {
    connected: true,
    enabled: true,
    connection_count: huge,
    connections: counts,
    unseen: huge,
    last_reset: farFuture,
  };
  const state = replicaState({
    replica_id: "huge",
    interval_ms: huge,
    highest_epoch: huge,
    redis,
    clock_offset_ms: -huge,
  });
  const answer = acknowledgement({ connections_closed: huge, closed_at: never, epoch: huge });
  return [
    { schema, type: "hello", ...state },
    { schema, type: "heartbeat", ...state, replica_id: "__proto__", interval_ms: 0 },
    { schema, type: "bye", replica_id: "nobody", instance_id: "nobody" },
    { schema, type: "acknowledgement", ...answer },
    { schema, type: "recovery-report", ...recovery({ observed_ms: huge }) },
    forgedOpening(resetRequest().order, { command_id: "never", opened_at: never }),
    forgedOpening(resetRequest().order, { command_id: "late", deadline_at: never }),
    forgedOpening(resetRequest().order, { command_id: "parts", parts: 1e9, part: 5 }),
    forgedOpening(resetRequest().order, { command_id: "beyond", parts: 2, part: 7 }),
    forgedOpening(resetRequest().order, {
      command_id: "epoch",
      epoch: huge,
      opened_at: "1970-01-01T00:00:00.000Z",
    }),
    {
      schema,
      type: "command-closed",
      command_id: "unknown",
      issuer: "stranger",
      closed_at: never,
      duration_ms: huge,
      published: "yes",
    },
  ];
}

describe("hostile messages that fit the schema", () => {
  it("neither crash the coordinator nor keep it from the next reset", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    for (let round = 0; round < 20; round += 1) {
      for (const event of hostileEvents()) {
        fleet.broker.sendEvent(event);
      }
    }
    await fleet.clock.advance(20_000);
    const entry = await entryOf(
      await fleet.coordinator.inject(resetRequest({ target: { replicas: ["r1", "r2"] } })),
    );
    expect(entry).toMatchObject({ outcome: "complete", connections_closed: 20 });
    expect(Number.isSafeInteger(entry.epoch)).toBe(true);
    const status = fleet.coordinator.status();
    expect(Number.isSafeInteger(status.redis.connection_count)).toBe(true);
    expect(status.redis.last_reset).toBeNull();
  });

  it("cannot cool the fleet down beyond the cool-down by a moment in the far future", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.sendEvent(
      forgedOpening(resetRequest().order, { opened_at: farFuture, deadline_at: farFuture }),
    );
    await fleet.clock.advance(10);
    const soon = new Date(fleet.clock.nowInMs() + 30_000).toISOString();
    fleet.broker.sendEvent(
      forgedOpening(resetRequest().order, {
        command_id: "soon",
        opened_at: soon,
        deadline_at: soon,
      }),
    );
    await fleet.clock.advance(10);
    expect(fleet.coordinator.status().cool_down.remaining_ms).toBeLessThanOrEqual(5_000);
    await fleet.clock.advance(600_000);
    expect((await fleet.coordinator.inject(resetRequest())).kind).toBe("accepted");
  });

  it("cannot end or void another API's collection", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    for (const replica of fleet.replicas) {
      replica.behaviour = "manual";
    }
    const result = await fleet.coordinator.inject(resetRequest());
    const command_id = result.kind === "accepted" ? result.commandId : "";
    for (const [issuer, published] of [
      ["stranger", "no"],
      ["stranger", "yes"],
    ] as const) {
      fleet.broker.sendEvent({
        schema,
        type: "command-closed",
        command_id,
        issuer,
        closed_at: "2026-01-01T00:00:02.000Z",
        duration_ms: 1,
        published,
      });
    }
    await fleet.clock.advance(10);
    expect(fleet.coordinator.command(command_id)?.outcome).toBe("pending");
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.status().cool_down.active).toBe(true);
      expect(coordinator.commands({ limit: 1 }).entries).toHaveLength(1);
    }
  });

  it("cannot pretend to an API that it has ended a command of its own", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    const result = await fleet.coordinator.inject(resetRequest());
    const command_id = result.kind === "accepted" ? result.commandId : "";
    fleet.broker.sendEvent({
      schema,
      type: "command-closed",
      command_id,
      issuer: "api-1",
      closed_at: "2026-01-01T00:00:02.000Z",
      duration_ms: 1,
      published: "no",
    });
    await fleet.clock.advance(10);
    expect(fleet.coordinator.command(command_id)?.outcome).toBe("pending");
    expect(fleet.coordinator.status().cool_down.active).toBe(true);
  });

  it("forgets answers to unknown commands after a minute", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0 });
    const replica = { replica_id: "r1", instance_id: "i1", role: "worker" };
    for (const [command_id, waitedInMs] of [
      ["kept", 58_000],
      ["forgotten", 62_000],
    ] as const) {
      fleet.broker.sendEvent({
        schema,
        type: "acknowledgement",
        ...acknowledgement({ command_id }),
      });
      await fleet.clock.advance(waitedInMs);
      fleet.broker.sendEvent(
        forgedOpening(resetRequest().order, { command_id, expected: [replica] }),
      );
      await fleet.clock.advance(2_000);
    }
    expect(fleet.coordinator.command("kept")?.outcome).toBe("complete");
    expect(fleet.coordinator.command("forgotten")?.outcome).toBe("none");
  });

  it("cannot fill the memory: roster, unclaimed answers and rows are bounded", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    const { command_id } = await entryOf(await fleet.coordinator.inject(resetRequest()));
    const flood = { interval_ms: 600_000, instance_id: "flood" };
    for (let index = 0; index < 11_000; index += 1) {
      const state = replicaState({ ...flood, replica_id: `flood-${index}` });
      fleet.bus.deliver({ schema, type: "hello", ...state }, fleet.broker.nowInMs());
      const answer = acknowledgement({ command_id, replica_id: `flood-${index}` });
      fleet.bus.deliver({ schema, type: "acknowledgement", ...answer }, fleet.broker.nowInMs());
    }
    expect(fleet.coordinator.replicas()).toHaveLength(10_000);
    expect(fleet.coordinator.command(command_id)?.replicas.length).toBeLessThanOrEqual(2_001);
  });
});
