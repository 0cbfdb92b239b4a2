import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createFleetLock } from "@fleetquake/bus";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";
import { startBrokerProcess } from "../support/start-broker-process.ts";
import { until } from "../support/until.ts";

/**
 * An API replica, a replica that creates its subscription, and one that waits for it, so that one connects by the
 * management API first and the other by AMQP; a line on stdin makes them close.
 */
const MEMBERS = `
  import { createCoordinatorTransport, createReplicaBus } from "@fleetquake/bus";
  process.on("unhandledRejection", (reason) => { console.log("unhandled", reason); process.exit(1); });
  const connection = { connectionString: process.argv[1] };
  const nothing = () => undefined;
  const listener = { onEvent: nothing, onCommand: nothing, onConnected: nothing, onDisconnected: nothing, onDropped: nothing };
  const { bus, lock } = createCoordinatorTransport({ connection, issuer: "api-" + process.pid });
  const replica = createReplicaBus({ connection, replicaId: "replica", instanceId: String(process.pid) });
  const waiting = createReplicaBus({ connection, replicaId: "waiting", instanceId: String(process.pid), createsSubscription: false });
  const members = [bus, replica, waiting];
  process.stdin.once("data", async () => {
    process.stdin.destroy();
    const startedInMs = performance.now();
    await Promise.all(members.map((member) => member.close()));
    console.log("closed after", Math.round(performance.now() - startedInMs));
  });
  await Promise.all(members.map((member) => member.start(listener)));
  console.log("started");
`;

/** Takes the lock, writes a record, says so, and keeps the lock for ever. */
const HOLDER = `
  import { createFleetLock } from "@fleetquake/bus";
  const lock = createFleetLock({ connection: { connectionString: process.argv[1] }, issuer: "holder" });
  await lock.withLock("redis-reset", async (held) => {
    await held.write({ commandId: "of-the-dead", epoch: 7, acceptedAtInMs: 1, collectingUntilInMs: 2, coolDownUntilInMs: 3, issuer: "holder", caller: "test" });
    console.log("holds");
    await new Promise(() => setInterval(() => undefined, 1_000));
  }, { timeoutInMs: 30_000 });
`;

it("replaces a lock holder that was killed, with its record kept", async () => {
  await using broker = await startBroker();
  const { connectionString } = broker;
  await using lock = createFleetLock({ connection: { connectionString }, issuer: "next" });
  await using holder = runScript(HOLDER, connectionString);
  await holder.says("holds");
  const waiting = lock.withLock("redis-reset", (held) => held.read(), { timeoutInMs: 20_000 });
  holder.child.kill("SIGKILL");
  const killedInMs = performance.now();
  const record = await waiting;
  process.stdout.write(
    `replaced ${Math.round(performance.now() - killedInMs)} ms after the kill\n`,
  );
  // The lock's own time is the contract; a connection that breaks gives it back at once.
  expect(performance.now() - killedInMs).toBeLessThan(16_000);
  expect(record).toMatchObject({ commandId: "of-the-dead", epoch: 7 });
});

it.each([
  ["runs", async () => undefined],
  ["was killed", (broker: Broker) => broker.kill()],
  ["is frozen", async (broker: Broker) => broker.freeze()],
])(
  "closes within three seconds, and the process ends by itself, while the broker %s",
  async (_state, act) => {
    await using broker = await startBrokerProcess();
    await using members = runScript(MEMBERS, broker.connectionString);
    await members.says("started");
    await act(broker);
    await members.tell();
    const closed = await members.says("closed after");
    expect(Number(closed.split(" ").at(-1))).toBeLessThan(3_000);
    const saidInMs = performance.now();
    expect(await members.exitCode()).toBe(0);
    expect(performance.now() - saidInMs).toBeLessThan(3_000);
  },
);

it("closes within three seconds while it connects to a broker that is frozen", async () => {
  await using broker = await startBrokerProcess();
  broker.freeze();
  await using members = runScript(MEMBERS, broker.connectionString);
  // It says so after five seconds, its first attempts still under way.
  await members.says("started");
  await members.tell();
  const closed = await members.says("closed after");
  expect(Number(closed.split(" ").at(-1))).toBeLessThan(3_000);
  const saidInMs = performance.now();
  expect(await members.exitCode()).toBe(0);
  expect(performance.now() - saidInMs).toBeLessThan(3_000);
});

type Broker = Awaited<ReturnType<typeof startBrokerProcess>>;

interface RunningScript extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Waits for a line that begins so. */
  says(beginning: string): Promise<string>;
  /** Writes a line to its standard input. */
  tell(): Promise<void>;
  exitCode(): Promise<number | null>;
}

const PATIENCE_IN_MS = 20_000;

function runScript(script: string, argument: string): RunningScript {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, argument], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return {
    child,
    says: async (beginning) => {
      const signal = AbortSignal.timeout(PATIENCE_IN_MS);
      for (;;) {
        const line = output.split("\n").find((candidate) => candidate.startsWith(beginning));
        if (line !== undefined) {
          return line;
        }
        try {
          await once(child.stdout, "data", { signal });
        } catch (cause) {
          throw new Error(`It did not say "${beginning}" but: ${output}`, { cause });
        }
      }
    },
    tell: async () => {
      child.stdin.write("\n");
    },
    exitCode: async () => {
      await until(() => child.exitCode !== null || child.signalCode !== null);
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await exited;
      }
    },
  };
}
