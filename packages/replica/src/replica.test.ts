import { describe, expect, it } from "vitest";
import { identity, startReplica } from "./doubles/start-replica.ts";
import { emptyCloseReport } from "./empty-close-report.ts";
import { CloseExpiredError } from "./ports/connection-set.ts";

describe("a replica that gets a command", () => {
  it("closes its connections once and answers what it closed", async () => {
    const { bus, connections, command, deliver } = await startReplica();
    await deliver(command());
    expect(connections.closes).toMatchObject([
      { commandId: "c-1", force: true, drainTimeoutInMs: 5_000, expiresAtMonotonicInMs: 5_000 },
    ]);
    expect(bus.published("acknowledgement")).toMatchObject([
      {
        command_id: "c-1",
        replica_id: "orders-1",
        instance_id: "4f1c",
        state: "acknowledged",
        connections_closed: 3,
        duration_ms: 0,
        closed_at: "2026-01-01T00:00:00.000Z",
      },
    ]);
  });

  it("dates its answer by the close, not by what the report found out afterwards", async () => {
    const { bus, clock, connections, command, deliver } = await startReplica();
    connections.answer = ({ onClosed }) =>
      new Promise((resolve) => {
        clock.after(20, () => onClosed?.(clock.monotonicInMs()));
        clock.after(320, () => resolve({ ...emptyCloseReport(), connections_closed: 3 }));
      });
    await deliver(command());
    await clock.advance(400);
    expect(bus.published("acknowledgement")).toMatchObject([
      { closed_at: "2026-01-01T00:00:00.020Z", duration_ms: 20 },
    ]);
  });

  it("answers the same command again with the stored answer, and closes nothing", async () => {
    const { bus, connections, command, deliver, replica } = await startReplica();
    await deliver(command());
    connections.standing = 99;
    await deliver(command());
    const [first, second] = bus.published("acknowledgement");
    expect(second).toEqual(first);
    expect(connections.closes).toHaveLength(1);
    expect(replica.counters()).toMatchObject({ acknowledged: 1, duplicates: 1 });
  });

  it("lets a duplicate that comes while the command is being executed wait for its answer", async () => {
    const { bus, clock, connections, command, deliver } = await startReplica();
    const release = connections.hold();
    await deliver(command());
    await deliver(command());
    release();
    await clock.advance(0);
    await deliver(command());
    expect(connections.closes).toHaveLength(1);
    expect(bus.published("acknowledgement")).toHaveLength(2);
  });

  it("executes commands one after another", async () => {
    const { bus, connections, command, deliver, clock } = await startReplica();
    const release = connections.hold();
    await deliver(command());
    await deliver(command({ command_id: "c-2", epoch: 2 }));
    expect(connections.closes.map(({ commandId }) => commandId)).toEqual(["c-1"]);
    release();
    await clock.advance(0);
    expect(connections.closes.map(({ commandId }) => commandId)).toEqual(["c-1", "c-2"]);
    expect(bus.published("acknowledgement")).toHaveLength(2);
  });

  it("is silent when it is not chosen, and remembers the epoch all the same", async () => {
    const { bus, connections, command, deliver, replica } = await startReplica();
    await deliver(command({ target: { replicas: ["orders-2"] }, epoch: 7 }));
    expect(bus.events).toEqual([]);
    expect(connections.closes).toEqual([]);
    expect(replica.state().highest_epoch).toBe(7);
  });

  it("refuses an epoch below the highest it has seen", async () => {
    const { bus, connections, command, deliver } = await startReplica();
    await deliver(command({ epoch: 5 }));
    await deliver(command({ command_id: "c-2", epoch: 4 }));
    await deliver(command({ command_id: "c-3", epoch: 5 }));
    expect(
      bus.published("acknowledgement").map(({ state, error }) => [state, error?.code]),
    ).toEqual([
      ["acknowledged", undefined],
      ["refused", "STALE_EPOCH"],
      ["acknowledged", undefined],
    ]);
    expect(connections.closes).toHaveLength(2);
  });

  it("refuses an epoch below the one that an earlier core of its process has seen", async () => {
    const memory = {
      epochs: { "redis-reset": 9 },
      halt: { isHalted: false, epoch: 0 },
      lastReset: "2026-01-01T00:00:00.000Z",
    };
    const { bus, command, deliver, replica } = await startReplica({ memory });
    await deliver(command({ epoch: 8 }));
    expect(bus.published("acknowledgement")[0]?.error?.code).toBe("STALE_EPOCH");
    expect(replica.state().redis.last_reset).toBe("2026-01-01T00:00:00.000Z");
  });

  it("refuses a fault that the application does not allow, and says what it allows", async () => {
    const { bus, connections, command, deliver } = await startReplica({
      identity: { ...identity, allow: [] },
    });
    await deliver(command());
    expect(bus.published("acknowledgement")[0]).toMatchObject({
      state: "refused",
      connections_closed: 0,
      error: {
        code: "FAULT_NOT_ALLOWED",
        message: "The application does not allow redis-reset; it allows: nothing.",
      },
    });
    expect(connections.closes).toEqual([]);
  });

  it("answers failed with the error's code when closing fails", async () => {
    const { bus, connections, command, deliver } = await startReplica();
    connections.answer = () =>
      Promise.reject(Object.assign(new Error("x".repeat(2_000)), { code: "LOOP_BLOCKED" }));
    await deliver(command());
    const [answer] = bus.published("acknowledgement");
    expect(answer).toMatchObject({ state: "failed", error: { code: "LOOP_BLOCKED" } });
    expect(answer?.error?.message).toHaveLength(1_000);
  });

  it("answers expired when the process did not get round to it in time", async () => {
    const { bus, connections, command, deliver } = await startReplica();
    connections.answer = () => Promise.reject(new CloseExpiredError("too late"));
    await deliver(command());
    expect(bus.published("acknowledgement")[0]).toMatchObject({
      state: "expired",
      error: { code: "COMMAND_EXPIRED" },
    });
  });

  it("drops and counts a command whose expiry is no moment", async () => {
    const { bus, command, deliver, replica } = await startReplica();
    await deliver(command({ expires_at: "2026-99-99T99:99:99.999Z" }));
    expect(bus.events).toEqual([]);
    expect(replica.state().dropped_messages).toBe(1);
  });

  it("takes no more than a bounded number of waiting commands, also when flooded", async () => {
    const { connections, command, deliver, clock } = await startReplica();
    const release = connections.hold();
    for (let index = 0; index < 100; index += 1) {
      await deliver(command({ command_id: `c-${index}` }));
    }
    release();
    await clock.advance(0);
    expect(connections.closes).toHaveLength(32);
  });
});

describe("the age of a command", () => {
  it.each([600_000, -600_000])("is the broker's, with a local clock %d ms off", async (shift) => {
    const { bus, clock, command, rollCall, deliver } = await startReplica();
    clock.shiftWallClock(shift);
    await deliver(rollCall({ replicas: ["nobody"] }));
    await deliver(command());
    await deliver(command({ command_id: "c-2" }), 5_001);
    expect(bus.published("acknowledgement")).toMatchObject([
      { state: "acknowledged", clock_offset_ms: shift, closed_at: "2026-01-01T00:00:00.000Z" },
      { state: "acknowledged", clock_offset_ms: shift },
    ]);
  });

  it("is told by earlier deliveries when a stopped process wakes with a backlog", async () => {
    const { bus, clock, connections, command, rollCall, deliver } = await startReplica();
    await deliver(rollCall({ replicas: ["nobody"] }));
    const old = command();
    await clock.advance(60_000);
    await deliver(old, 60_000);
    await deliver(command({ command_id: "c-2" }));
    expect(bus.published("acknowledgement").map(({ state }) => state)).toEqual([
      "expired",
      "acknowledged",
    ]);
    expect(connections.closes).toHaveLength(1);
  });

  it("is nothing for the very first delivery, which there is nothing to compare with", async () => {
    const { bus, clock, command, deliver } = await startReplica();
    clock.shiftWallClock(600_000);
    await deliver(command());
    expect(bus.published("acknowledgement")[0]?.state).toBe("acknowledged");
  });

  it("includes the time that it waited for the command before it", async () => {
    const { bus, clock, connections, command, deliver } = await startReplica();
    const release = connections.hold();
    await deliver(command());
    await deliver(command({ command_id: "c-2" }));
    await clock.advance(6_000);
    release();
    await clock.advance(0);
    expect(bus.published("acknowledgement").map(({ state }) => state)).toEqual([
      "acknowledged",
      "expired",
    ]);
  });
});

describe("signs of life", () => {
  it("says hello when the bus is connected, each time", async () => {
    const { bus, replica, clock } = await startReplica();
    replica.onConnected();
    replica.onDisconnected();
    replica.onConnected();
    await clock.advance(0);
    expect(bus.published("hello")).toHaveLength(2);
    expect(bus.published("hello")[0]).toMatchObject({
      ...identity,
      started_at: "2026-01-01T00:00:00.000Z",
      interval_ms: 1_000,
      clock_offset_ms: null,
      last_acknowledgement: null,
    });
  });

  it("beats once per interval, and repeats its last acknowledgement", async () => {
    const { bus, clock, command, deliver } = await startReplica();
    await deliver(command());
    await clock.advance(3_000);
    expect(bus.published("heartbeat")).toHaveLength(3);
    expect(bus.published("heartbeat")[2]).toMatchObject({
      last_acknowledgement: { command_id: "c-1", state: "acknowledged" },
      redis: { connection_count: 3, last_reset: "2026-01-01T00:00:00.000Z" },
    });
  });

  it("goes on beating while the bus is down, and tells the fleet of itself once it is back", async () => {
    const { bus, clock, command, deliver, replica } = await startReplica();
    bus.isFailing = true;
    replica.onConnected();
    await deliver(command());
    await clock.advance(5_000);
    expect(replica.isAnnounced).toBe(false);
    bus.isFailing = false;
    await clock.advance(2_000);
    expect(bus.published("heartbeat")[0]?.last_acknowledgement?.command_id).toBe("c-1");
    expect(replica.isAnnounced).toBe(true);
  });

  it("answers a roll-call within its jitter and keeps its interval from then on", async () => {
    const { bus, clock, rollCall, deliver } = await startReplica({ random: () => 0.5 });
    await deliver(rollCall({ heartbeat_interval_ms: 10_000, jitter_ms: 400 }));
    await deliver(rollCall({ heartbeat_interval_ms: 10_000, jitter_ms: 400 }));
    await clock.advance(199);
    expect(bus.events).toEqual([]);
    await clock.advance(1);
    expect(bus.published("hello")).toMatchObject([{ interval_ms: 10_000 }]);
    await clock.advance(20_000);
    expect(bus.published("heartbeat")).toHaveLength(2);
    expect(bus.published("hello")).toHaveLength(1);
  });

  it("does not answer a roll-call for others, but takes the time from it", async () => {
    const { bus, clock, replica, rollCall, deliver } = await startReplica();
    clock.shiftWallClock(600_000);
    await deliver(rollCall({ replicas: ["orders-2"] }));
    await clock.advance(500);
    expect(bus.published("hello")).toEqual([]);
    expect(replica.state().clock_offset_ms).toBe(600_000);
  });

  it("lets nobody turn it into a flood", async () => {
    const { bus, clock, rollCall, deliver } = await startReplica();
    await deliver(rollCall({ heartbeat_interval_ms: 0, jitter_ms: 1e300, replicas: ["nobody"] }));
    await clock.advance(1_000);
    expect(bus.published("heartbeat")).toHaveLength(10);
  });

  it("says goodbye at its close, and leaves no timer behind", async () => {
    const { bus, clock, command, rollCall, deliver, replica } = await startReplica();
    await deliver(command());
    await deliver(rollCall());
    await replica.close({ bye: true });
    await replica.close({ bye: true });
    expect(bus.published("bye")).toMatchObject([{ replica_id: "orders-1", instance_id: "4f1c" }]);
    expect(clock.armedTimers).toBe(0);
    await deliver(command({ command_id: "c-2" }));
    replica.onConnected();
    await clock.advance(5_000);
    expect(bus.events.at(-1)?.type).toBe("bye");
  });

  it("counts what was dropped and what could not be published", async () => {
    const { bus, clock, replica } = await startReplica();
    bus.isFailing = true;
    replica.onDropped("no JSON");
    replica.onConnected();
    await clock.advance(0);
    expect(replica.counters()).toMatchObject({ dropped: 1, publishFailures: 1 });
  });
});
