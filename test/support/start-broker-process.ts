import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";
import { killChild } from "./kill-child.ts";

/** An embedded broker in a process of its own, which can be stopped, killed and frozen from outside. */
export interface StartedBrokerProcess extends AsyncDisposable {
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  readonly connectionString: string;
  /** SIGSTOP: connections stay, nobody answers. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** SIGKILL; connections are reset. */
  kill(): Promise<void>;
  /** A new process at the same address, with nothing of what the last one held. */
  start(): Promise<void>;
}

const SHARED_ACCESS_KEY = Buffer.from("a key for tests that is 256 bits").toString("base64");
const START_TIMEOUT_IN_MS = 10_000;

const SCRIPT = `
  import { startBroker } from "@fleetquake/servicebus-emulator";
  const [port, sharedAccessKey] = process.argv.slice(1);
  const broker = await startBroker({ port: Number(port), sharedAccessKey });
  process.on("disconnect", () => process.exit(0));
  process.send(broker.connectionString);
`;

/** Starts the built broker as a child process and waits until it listens. */
export async function startBrokerProcess(): Promise<StartedBrokerProcess> {
  const port = await freePort();
  let current = await spawnBroker(port);
  const kill = (): Promise<void> => killChild(current.child);
  return {
    port,
    get pid() {
      return current.child.pid ?? 0;
    },
    connectionString: current.connectionString,
    freeze: () => current.child.kill("SIGSTOP"),
    thaw: () => current.child.kill("SIGCONT"),
    kill,
    start: async () => {
      current = await spawnBroker(port);
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function spawnBroker(
  port: number,
): Promise<{ readonly child: ChildProcess; readonly connectionString: string }> {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", SCRIPT, String(port), SHARED_ACCESS_KEY],
    {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    },
  );
  const signal = AbortSignal.timeout(START_TIMEOUT_IN_MS);
  const [connectionString] = await once(child, "message", { signal });
  return { child, connectionString: String(connectionString) };
}
