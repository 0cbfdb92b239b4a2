import { describe, expect, it } from "vitest";
import {
  acceptedOf,
  entryOf,
  refusalOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

describe("a reset while the bus fails", () => {
  it("is refused while the bus is down, and consumes nothing", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.bus.goDown();
    const refusal = refusalOf(await fleet.coordinator.inject(resetRequest()));
    expect(refusal.code).toBe("CHAOS_BUS_UNAVAILABLE");
    expect(fleet.broker.record).toBeNull();
    expect(fleet.coordinator.readiness()).toEqual({ busConnected: false, roster: "warming" });
  });

  it("gives the cool-down back when certainly nothing was published, and keeps the epoch", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    await entryOf(await fleet.coordinator.inject(resetRequest()));
    const first = fleet.broker.record;
    await fleet.clock.advance(5_000);
    fleet.bus.publishes = "unavailable";
    const refusal = refusalOf(await fleet.coordinator.inject(resetRequest()));
    expect(refusal.code).toBe("CHAOS_BUS_UNAVAILABLE");
    expect(fleet.broker.record).toEqual({ ...first, epoch: 2 });
    await fleet.clock.advance(10);
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.commands({ limit: 10 }).entries).toHaveLength(1);
      expect(coordinator.status().cool_down.active).toBe(false);
    }
    fleet.bus.publishes = "yes";
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", epoch: 3 });
  });

  it("gives it back to the other APIs too, which may have heard of the command", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.bus.publishes = "unavailable";
    refusalOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(10);
    const opened = fleet.broker.events.find(({ type }) => type === "command-opened");
    const closed = fleet.broker.events.find(({ type }) => type === "command-closed");
    expect(opened).toBeDefined();
    expect(closed).toMatchObject({ published: "no" });
    const other = fleet.coordinators[1];
    expect((await other?.inject(resetRequest()))?.kind).toBe("accepted");
  });

  it("announces no command that was never published, once the bus is back", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.bus.publishes = "unavailable";
    fleet.bus.beforePublish = () => {
      fleet.bus.goDown();
      return Promise.resolve();
    };
    refusalOf(await fleet.coordinator.inject(resetRequest()));
    fleet.bus.goUp();
    await fleet.clock.advance(10_000);
    const types = fleet.broker.events.map(({ type }) => type);
    expect(types).not.toContain("command-opened");
    expect(types).toContain("command-closed");
  });

  it("is not shown by another API that hears first that it was never published", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.bus.publishes = "unavailable";
    refusalOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(10);
    const { coordinator } = fleet.makeCoordinator();
    await coordinator.start();
    for (const type of ["command-closed", "command-opened"] as const) {
      for (const event of fleet.broker.events.filter((sent) => sent.type === type)) {
        fleet.broker.sendEvent(event);
      }
    }
    await fleet.clock.advance(10);
    expect(coordinator.commands({ limit: 10 }).entries).toEqual([]);
    expect(coordinator.status().cool_down.active).toBe(false);
    await coordinator.close();
  });

  it("does not let a reservation that may have been written cool anybody down", async () => {
    for (const writeFails of ["before", "after"] as const) {
      await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
      fleet.broker.lock.writeFails = writeFails;
      expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe(
        "CHAOS_BUS_UNAVAILABLE",
      );
      await fleet.clock.advance(10);
      fleet.broker.lock.writeFails = "no";
      expect((await fleet.coordinators[1]?.inject(resetRequest()))?.kind).toBe("accepted");
    }
  });

  it("collects as usual when the publish may have happened, and says so", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.bus.publishes = "unknown";
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", published: "unknown" });
    await fleet.clock.advance(10);
    expect(fleet.coordinators[1]?.command(entry.command_id)?.published).toBe("unknown");
  });

  it("is none and unknown when the publish may have happened and nobody answered", async () => {
    for (const publishes of ["lost", "broken"] as const) {
      await using fleet = await startMemoryFleet({ replicas: 2 });
      fleet.bus.publishes = publishes;
      const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
      await fleet.clock.advance(5_000);
      expect(await result.closed).toMatchObject({ outcome: "none", published: "unknown" });
    }
  });

  it("believes an answer more than the error that says that nothing was published", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    fleet.bus.publishes = "unavailable";
    fleet.bus.beforePublish = () =>
      new Promise((resolve) => {
        fleet.clock.after(50, resolve);
      });
    const injecting = fleet.coordinator.inject(resetRequest());
    await fleet.clock.advance(10);
    const opened = fleet.broker.events.find((event) => event.type === "command-opened");
    fleet.replica(0).acknowledge(opened?.command_id ?? "");
    await fleet.clock.advance(40);
    expect(await entryOf(await injecting)).toMatchObject({
      published: "yes",
      connections_closed: 10,
    });
  });

  it("answers as soon as everybody has, however long the broker's receipt for the command is missing", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.bus.publishes = "unanswered";
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ outcome: "complete", published: "yes" });
    await fleet.clock.advance(10);
    expect(fleet.coordinators[1]?.command(entry.command_id)?.published).toBe("yes");
  });

  it("answers at the deadline, not later, when neither the broker nor anybody else has", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    fleet.bus.publishes = "unanswered";
    const injecting = fleet.coordinator.inject({ ...resetRequest(), deadlineInMs: 1_000 });
    await fleet.clock.advance(1_000);
    expect(await entryOf(await injecting)).toMatchObject({ outcome: "none", published: "unknown" });
  });

  it("opens the entry in the other APIs once the bus lets the announcement through", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.replica(0).behaviour = "manual";
    fleet.bus.beforePublish = () => {
      fleet.bus.goDown();
      return Promise.resolve();
    };
    const result = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    expect(fleet.coordinators[1]?.command(result.commandId)).toBeUndefined();
    fleet.bus.goUp();
    await fleet.clock.advance(500);
    expect(fleet.coordinators[1]?.command(result.commandId)?.outcome).toBe("pending");
  });
});

describe("a broker that starts anew", () => {
  it("has forgotten the record, and the APIs have not", async () => {
    await using fleet = await startMemoryFleet({
      replicas: 2,
      apis: 2,
      options: { coolDownInMs: 60_000 },
    });
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(10);
    fleet.broker.restart();
    await fleet.clock.advance(1_500);
    for (const coordinator of fleet.coordinators) {
      const refusal = refusalOf(await coordinator.inject(resetRequest()));
      expect(refusal).toMatchObject({ code: "CHAOS_COOLING_DOWN", commandId: entry.command_id });
    }
    await fleet.clock.advance(60_000);
    const next = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(next).toMatchObject({ outcome: "complete", epoch: 2 });
  });

  it("is heard anew before the next reset", async () => {
    await using fleet = await startMemoryFleet({ replicas: 3 });
    fleet.broker.restart();
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe(
      "CHAOS_ROSTER_WARMING",
    );
    await fleet.clock.advance(1_100);
    expect((await entryOf(await fleet.coordinator.inject(resetRequest()))).outcome).toBe(
      "complete",
    );
  });
});
