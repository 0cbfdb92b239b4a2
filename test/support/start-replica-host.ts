import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isRecord } from "./is-record.ts";
import { killChild } from "./kill-child.ts";

/** What a process of replicas holds when none of them is left. */
export interface HostHolding {
  /** What keeps its event loop busy: sockets, servers, timers. */
  readonly resources: readonly string[];
  /** Its heap after the garbage collector. */
  readonly heapUsedInMb: number;
}

/** A process in which replicas come and go, each with a bus client of its own. */
export interface ReplicaHost extends AsyncDisposable {
  readonly pid: number;
  /** All that it wrote to stdout and stderr so far. */
  readonly output: string;
  /** Starts replicas with the ids `<prefix>-<number>`; resolves with how many of them reach the bus. */
  start(prefix: string, count: number): Promise<number>;
  /** Closes all of them, and says what is left. */
  stop(): Promise<HostHolding>;
  /** Lets the process end by itself: nothing tells it to. Resolves with its exit code. @throws when it is there 10 s later. */
  ends(): Promise<number | null>;
}

const TIMEOUT_IN_MS = 60_000;
const END_TIMEOUT_IN_MS = 10_000;

const SCRIPT = `
  import { startSimulatedReplica } from "@fleetquake/agent/testing";
  const [bus] = process.argv.slice(1);
  let replicas = [];
  const start = async ({ prefix, count }) => {
    replicas = await Promise.all(Array.from({ length: count }, (_value, index) =>
      startSimulatedReplica({ bus, replicaId: prefix + "-" + index, role: "worker" })));
    return { connected: replicas.filter((replica) => replica.busConnected).length };
  };
  const stop = async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    replicas = [];
    gc();
    await new Promise(setImmediate);
    gc();
    // The channel to the parent is no replica's.
    const resources = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap");
    return { resources, heapUsedInMb: process.memoryUsage().heapUsed / 2 ** 20 };
  };
  process.on("message", (order) => {
    (order.kind === "start" ? start(order) : stop()).then(
      (answer) => process.send(answer),
      (error) => process.send({ failed: String(error) }),
    );
  });
  process.send({});
`;

/** Starts a process for replicas on the bus of this connection string. @throws when it does not come up. */
export async function startReplicaHost(connectionString: string): Promise<ReplicaHost> {
  const child = spawn(
    process.execPath,
    ["--expose-gc", "--input-type=module", "-e", SCRIPT, connectionString],
    {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  let output = "";
  child.stdout?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (output += String(chunk)));
  await answer(child);
  const ask = (order: Readonly<Record<string, unknown>>): ReturnType<typeof answer> => {
    child.send(order);
    return answer(child);
  };
  return {
    pid: child.pid ?? 0,
    get output() {
      return output;
    },
    start: async (prefix, count) =>
      Number((await ask({ kind: "start", prefix, count }))["connected"]),
    stop: async () => {
      const { resources, heapUsedInMb } = await ask({ kind: "stop" });
      return {
        resources: Array.isArray(resources) ? resources.map(String) : [],
        heapUsedInMb: Number(heapUsedInMb),
      };
    },
    ends: async () => {
      const exited = once(child, "exit", { signal: AbortSignal.timeout(END_TIMEOUT_IN_MS) });
      child.disconnect();
      await exited;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: () => killChild(child),
  };
}

async function answer(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  const signal = AbortSignal.timeout(TIMEOUT_IN_MS);
  const [message]: readonly unknown[] = await once(child, "message", { signal });
  if (!isRecord(message) || "failed" in message) {
    throw new Error(`a process of replicas answered ${JSON.stringify(message)}`);
  }
  return message;
}
