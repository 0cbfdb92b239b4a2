import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createCoordinatorTransport, createReplicaBus } from "@fleetquake/bus";
import { BusUnavailableError } from "@fleetquake/coordinator";
import { startBroker, type AccessRight } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";
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

it("lets an agent that may only send and listen take part, once an API replica has provisioned it", async () => {
  await using broker = await startBrokerWithKeys();
  const { bus } = createCoordinatorTransport({
    connection: { connectionString: broker.connectionString },
    issuer: "api-1",
    createsSubscriptions: true,
  });
  const provisioned: string[] = [];
  await bus.start({
    onEvent: (event) => {
      if (event.type === "bye") {
        provisioned.push(event.replica_id);
        void bus.provisionReplica(event.replica_id, event.instance_id);
      }
    },
    onConnected: () => undefined,
    onDisconnected: () => undefined,
    onDropped: () => undefined,
  });
  await using replica = createReplicaBus({
    connection: { connectionString: broker.withKey("agent") },
    replicaId: "replica-1",
    instanceId: "i",
    createsSubscription: false,
  });
  let commands = 0;
  await replica.start({
    onCommand: () => {
      commands += 1;
    },
    onConnected: () => void replica.publish(bye),
    onDisconnected: () => undefined,
    onDropped: () => undefined,
  });
  await until(() => replica.connected);
  await until(() => provisioned.length >= 2);
  await expect(bus.publishCommand(rollCall)).resolves.toBe("yes");
  await until(() => commands === 1);
  await bus.close();
});

it("says that certainly nothing was published when the broker refuses its key", async () => {
  await using broker = await startBrokerWithKeys();
  const reasons: string[] = [];
  const nothing = (): void => undefined;
  const { bus, lock } = createCoordinatorTransport({
    connection: { connectionString: broker.withKey("listener") },
    issuer: "api-1",
    log: {
      debug: nothing,
      info: nothing,
      warn: (_event, fields) => reasons.push(String(fields?.["reason"])),
      error: nothing,
    },
  });
  await bus.start({
    onEvent: nothing,
    onConnected: nothing,
    onDisconnected: nothing,
    onDropped: nothing,
  });
  expect(bus.connected).toBe(false);
  await expect(bus.publishCommand(rollCall)).rejects.toThrow(BusUnavailableError);
  await expect(
    lock.withLock("redis-reset", () => Promise.resolve(), { timeoutInMs: 500 }),
  ).rejects.toThrow(BusUnavailableError);
  expect(reasons.length).toBeGreaterThan(0);
  expect(reasons.join()).not.toContain(broker.keyOf("listener"));
  await bus.close();
});

/** A replica of a machine whose clock is wrong by some minutes. */
const REPLICA = `
  const offsetInMs = Number(process.argv[2]) * 60_000;
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...parts) { super(...(parts.length === 0 ? [RealDate.now() + offsetInMs] : parts)); }
    static now() { return RealDate.now() + offsetInMs; }
  };
  const { createReplicaBus } = await import("@fleetquake/bus");
  const nothing = () => undefined;
  const bus = createReplicaBus({ connection: { connectionString: process.argv[1] }, replicaId: "replica", instanceId: "i" });
  await bus.start({ onCommand: nothing, onConnected: nothing, onDisconnected: nothing, onDropped: nothing });
  console.log("connected", bus.connected);
  await bus.close();
`;

it.each([[-10], [10]])(
  "connects from a machine whose clock is off by %s minutes, and creates its subscription",
  async (minutes) => {
    await using broker = await startBroker();
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", REPLICA, broker.connectionString, String(minutes)],
      {
        cwd: fileURLToPath(new URL("..", import.meta.url)),
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await once(child, "close", { signal: AbortSignal.timeout(20_000) });
    expect(output).toBe("connected true\n");
  },
);

async function startBrokerWithKeys(): Promise<
  AsyncDisposable & {
    readonly connectionString: string;
    keyOf(name: string): string;
    withKey(name: string): string;
  }
> {
  const keyOf = (name: string): string => Buffer.from(name.padEnd(32, ".")).toString("base64");
  const rights: readonly (readonly [string, readonly AccessRight[]])[] = [
    ["agent", ["Send", "Listen"]],
    ["listener", ["Listen"]],
  ];
  const broker = await startBroker({
    sharedAccessPolicies: rights.map(([name, granted]) => ({
      name,
      key: keyOf(name),
      rights: granted,
    })),
  });
  return {
    connectionString: broker.connectionString,
    keyOf,
    withKey: (name) =>
      [
        `Endpoint=sb://127.0.0.1:${broker.port}`,
        `SharedAccessKeyName=${name}`,
        `SharedAccessKey=${keyOf(name)}`,
        "UseDevelopmentEmulator=true",
      ].join(";"),
    [Symbol.asyncDispose]: () => broker.stop(),
  };
}
