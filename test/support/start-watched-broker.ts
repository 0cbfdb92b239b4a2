import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Holding, readHolding } from "./fuzz/growth.ts";
import { isRecord } from "./is-record.ts";
import { killChild } from "./kill-child.ts";
import { HAS_PROC } from "./process-tree.ts";

/** What a broker's process holds at one moment. */
export interface BrokerHolding extends Holding {
  /** What is reachable: the heap and the buffers outside of it, after the garbage collector. */
  readonly reachableInMb: number;
  /** What keeps its event loop busy: sockets, servers, timers. */
  readonly resources: number;
}

/** A broker in a process of its own, whose memory can be looked into. */
export interface WatchedBroker extends AsyncDisposable {
  readonly port: number;
  readonly connectionString: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** All that it wrote to stdout and stderr so far. */
  readonly output: string;
  /** What it holds now; descriptors and resident memory are 0 without /proc. @throws when it does not answer within 10 s. */
  holding(): Promise<BrokerHolding>;
}

/** The key with all rights of every broker that is started here. */
export const WATCHED_BROKER_KEY = Buffer.from("a key for tests that is 256 bits").toString(
  "base64",
);
const TIMEOUT_IN_MS = 10_000;

const SCRIPT = `
  import { startBroker } from "@fleetquake/servicebus-emulator";
  const [sharedAccessKey] = process.argv.slice(1);
  const broker = await startBroker({ sharedAccessKey, faults: true });
  process.on("disconnect", () => process.exit(0));
  process.on("message", () => {
    gc();
    setImmediate(() => {
      gc();
      const { heapUsed, external } = process.memoryUsage();
      const resources = process.getActiveResourcesInfo().length;
      process.send({ reachableInMb: (heapUsed + external) / 2 ** 20, resources });
    });
  });
  process.send({ port: broker.port, connectionString: broker.connectionString });
`;

/** Starts the built broker, with faults switchable and no entities. @throws when it does not listen within 10 s. */
export async function startWatchedBroker(): Promise<WatchedBroker> {
  const child = spawn(
    process.execPath,
    ["--expose-gc", "--input-type=module", "-e", SCRIPT, WATCHED_BROKER_KEY],
    {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  let output = "";
  child.stdout?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (output += String(chunk)));
  const started = await message(child);
  return {
    port: Number(started["port"]),
    connectionString: String(started["connectionString"]),
    pid: child.pid ?? 0,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    get output() {
      return output;
    },
    holding: async () => {
      child.send("holding");
      const { reachableInMb, resources } = await message(child);
      const seen = HAS_PROC ? readHolding(child.pid ?? 0) : { residentInMb: 0, descriptors: 0 };
      return { ...seen, reachableInMb: Number(reachableInMb), resources: Number(resources) };
    },
    [Symbol.asyncDispose]: () => killChild(child),
  };
}

async function message(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  const signal = AbortSignal.timeout(TIMEOUT_IN_MS);
  const [answer]: readonly unknown[] = await once(child, "message", { signal });
  if (!isRecord(answer)) {
    throw new Error(`the broker answered ${JSON.stringify(answer)}`);
  }
  return answer;
}
