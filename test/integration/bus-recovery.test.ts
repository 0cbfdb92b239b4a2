import { createCoordinatorTransport, createReplicaBus } from "@fleetquake/bus";
import { BusUnavailableError } from "@fleetquake/coordinator";
import { expect, it } from "vitest";
import { startBrokerProcess } from "../support/start-broker-process.ts";
import { until } from "../support/until.ts";

const rollCall = {
  schema: 1,
  type: "roll-call",
  issued_at: "2026-01-01T00:00:00.000Z",
  issuer: "api-1",
  heartbeat_interval_ms: 1_000,
  jitter_ms: 0,
} as const;

const bye = { schema: 1, type: "bye", replica_id: "replica-1", instance_id: "i" } as const;

// A rejection that nobody handles, also one of the SDK's own promises, fails the run: vitest counts them.

it("has both sides back within five seconds after the broker was killed and started again", async () => {
  await using broker = await startBrokerProcess();
  await using fleet = await startFleet(broker.connectionString);
  await broker.kill();
  await until(() => !fleet.bus.connected && !fleet.replica.connected);
  expect(fleet.log.toSorted()).toEqual(["api down", "api up", "replica down", "replica up"]);
  await expect(fleet.bus.publishCommand(rollCall)).rejects.toThrow(BusUnavailableError);
  await expect(fleet.bus.publishEvent(closed)).rejects.toThrow(BusUnavailableError);
  await expect(fleet.replica.publish(bye)).rejects.toThrow("not settled");
  await expect(
    fleet.lock.withLock("redis-reset", () => Promise.resolve(), { timeoutInMs: 2_000 }),
  ).rejects.toThrow(BusUnavailableError);
  await broker.start();
  const startedInMs = performance.now();
  await until(() => fleet.bus.connected && fleet.replica.connected, 5_000);
  process.stdout.write(`back ${Math.round(performance.now() - startedInMs)} ms after the broker\n`);
  await fleet.roundTrip();
  await expect(
    fleet.lock.withLock("redis-reset", (held) => held.read(), { timeoutInMs: 2_000 }),
  ).resolves.toBeNull();
});

it("starts while the broker is down, and connects when it comes", async () => {
  await using broker = await startBrokerProcess();
  await broker.kill();
  await using fleet = await startFleet(broker.connectionString);
  expect([fleet.bus.connected, fleet.replica.connected]).toEqual([false, false]);
  await broker.start();
  await until(() => fleet.bus.connected && fleet.replica.connected, 5_000);
  await fleet.roundTrip();
});

it("ends every publish at its deadline while the broker is frozen, and recovers when it thaws", async () => {
  await using broker = await startBrokerProcess();
  await using fleet = await startFleet(broker.connectionString);
  broker.freeze();
  const frozenInMs = performance.now();
  // It was written: whether the broker will read it when it wakes up is not known.
  await expect(fleet.bus.publishCommand(rollCall, { timeoutInMs: 500 })).resolves.toBe("unknown");
  await expect(fleet.bus.publishEvent(closed, { timeoutInMs: 500 })).rejects.toThrow(
    BusUnavailableError,
  );
  await expect(
    fleet.lock.withLock("redis-reset", () => Promise.resolve(), { timeoutInMs: 500 }),
  ).rejects.toThrow(BusUnavailableError);
  expect(performance.now() - frozenInMs).toBeLessThan(3 * 1_500);
  // Two heartbeats tell the replica, two probes the API, long before the connection would notice.
  await until(async () => {
    await fleet.heartbeat(500).catch(() => undefined);
    return !fleet.replica.connected;
  }, 5_000);
  await until(() => !fleet.bus.connected, 20_000);
  process.stdout.write(
    `API noticed ${Math.round(performance.now() - frozenInMs)} ms after the freeze\n`,
  );
  await expect(fleet.bus.publishCommand(rollCall, { timeoutInMs: 500 })).rejects.toThrow(
    BusUnavailableError,
  );
  broker.thaw();
  await until(() => fleet.bus.connected && fleet.replica.connected, 10_000);
  await fleet.roundTrip();
});

it("keeps its connection when the broker was frozen for a moment only", async () => {
  await using broker = await startBrokerProcess();
  await using fleet = await startFleet(broker.connectionString);
  broker.freeze();
  await expect(fleet.heartbeat(300)).rejects.toThrow("not settled");
  broker.thaw();
  await fleet.heartbeat(3_000);
  await fleet.roundTrip();
  expect(fleet.log.filter((line) => line.endsWith("down"))).toEqual([]);
});

it("says yes only for what the broker took, unknown or certainly not while the broker goes away", async () => {
  await using broker = await startBrokerProcess();
  await using fleet = await startFleet(broker.connectionString);
  const results: unknown[] = [];
  const settled = (): number => results.filter((result) => result === "yes").length;
  const ending = new AbortController();
  const publishing = publishUntil(ending.signal, fleet, results);
  await until(() => settled() >= 50);
  const settledBefore = settled();
  await until(() => fleet.heard() >= settledBefore);
  expect(new Set(results)).toEqual(new Set(["yes"]));
  await broker.kill();
  await broker.start();
  await until(() => fleet.bus.connected && fleet.replica.connected);
  await until(() => settled() > settledBefore + 50);
  ending.abort();
  await publishing;
  const others = results.filter((result) => result !== "yes");
  expect(others.length).toBeGreaterThan(0);
  for (const other of others) {
    expect(other === "unknown" || other instanceof BusUnavailableError).toBe(true);
  }
});

/** Publishes one after the other, and keeps what came of each. */
async function publishUntil(end: AbortSignal, fleet: Fleet, results: unknown[]): Promise<void> {
  while (!end.aborted) {
    results.push(
      await fleet.bus
        .publishCommand(rollCall, { timeoutInMs: 1_000 })
        .catch((error: unknown) => error),
    );
    await new Promise(setImmediate);
  }
}

const closed = {
  schema: 1,
  type: "command-closed",
  command_id: "c-1",
  issuer: "api-1",
  closed_at: "2026-01-01T00:00:00.000Z",
  duration_ms: 1,
  published: "yes",
} as const;

interface Fleet extends AsyncDisposable {
  readonly bus: ReturnType<typeof createCoordinatorTransport>["bus"];
  readonly lock: ReturnType<typeof createCoordinatorTransport>["lock"];
  readonly replica: ReturnType<typeof createReplicaBus>;
  /** Who came up and went down, in order. */
  readonly log: string[];
  /** How many commands the replica got. */
  heard(): number;
  heartbeat(timeoutInMs: number): Promise<void>;
  /** A roll-call there, a goodbye back. */
  roundTrip(): Promise<void>;
}

/** One API and one replica; both have tried to connect when it resolves. */
async function startFleet(connectionString: string): Promise<Fleet> {
  const connection = { connectionString };
  const { bus, lock } = createCoordinatorTransport({ connection, issuer: "api-1" });
  const replica = createReplicaBus({ connection, replicaId: "replica-1", instanceId: "i" });
  const log: string[] = [];
  let commands = 0;
  let events = 0;
  await bus.start({
    onEvent: ({ type }) => {
      events += type === "bye" ? 1 : 0;
    },
    onConnected: () => log.push("api up"),
    onDisconnected: () => log.push("api down"),
    onDropped: (reason) => log.push(reason),
  });
  await replica.start({
    onCommand: () => {
      commands += 1;
    },
    onConnected: () => log.push("replica up"),
    onDisconnected: () => log.push("replica down"),
    onDropped: (reason) => log.push(reason),
  });
  return {
    bus,
    lock,
    replica,
    log,
    heard: () => commands,
    heartbeat: (timeoutInMs) => replica.publish(heartbeat, { timeoutInMs }),
    roundTrip: async () => {
      const [commandsBefore, eventsBefore] = [commands, events];
      await expect(bus.publishCommand(rollCall)).resolves.toBe("yes");
      await until(() => commands > commandsBefore);
      await replica.publish(bye);
      await until(() => events > eventsBefore);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([bus.close(), replica.close()]);
    },
  };
}

const heartbeat = {
  schema: 1,
  type: "heartbeat",
  replica_id: "replica-1",
  instance_id: "i",
  role: "worker",
  labels: {},
  allow: [],
  started_at: "2026-01-01T00:00:00.000Z",
  interval_ms: 1_000,
  clock_offset_ms: null,
  highest_epoch: 0,
  active_faults: [],
  halted: false,
  redis: {
    connected: null,
    enabled: true,
    connection_count: 0,
    connections: { command: 0, blocking: 0, subscriber: 0, unknown: 0 },
    unseen: 0,
    last_reset: null,
  },
  dropped_messages: 0,
  last_acknowledgement: null,
  last_recovery: null,
} satisfies Parameters<ReturnType<typeof createReplicaBus>["publish"]>[0];
