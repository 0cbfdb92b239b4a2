import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../network/free-port.ts";
import { FleetProcess } from "../process/fleet-process.ts";
import type { GuardOrder } from "./guard-order.ts";
import type { RedisProgram } from "./redis-program.ts";

/** Between choosing a free port and Redis taking it, another process may take it. */
const ATTEMPTS = 5;
const READY_TIMEOUT_IN_MS = 15_000;
/** The image may have to be pulled. */
const DOCKER_READY_TIMEOUT_IN_MS = 180_000;

/** A Redis server of the fleet's own, without persistence, on a free loopback port. */
export interface OwnRedis {
  readonly url: string;
  /** Its `pid` is the server's own. */
  readonly process: FleetProcess;
}

export interface StartRedisServerOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Further lines of configuration as parameters, for example `["--maxclients", "5000"]`. */
  readonly parameters?: readonly string[];
  readonly onLine?: (line: string) => void;
  /** Gets each process at once, before it is ready, so that a start can be broken off. */
  readonly onSpawn?: (process: FleetProcess) => void;
}

/**
 * Starts a Redis server below a guard that ends it with this process, also if this process is killed.
 * @throws Error with the server's own words when it does not start.
 */
export async function startRedisServer(
  program: RedisProgram,
  options: StartRedisServerOptions,
): Promise<OwnRedis> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const order = await orderFor(program, { port, parameters: options.parameters ?? [] });
    const guard = new FleetProcess({
      name: "redis",
      module: new URL("../../dist/redis/redis-guard-main.js", import.meta.url),
      env: { ...options.env, FLEETQUAKE_GUARD: JSON.stringify(order) },
      logFile: options.logFile,
      readyTimeoutInMs:
        program.kind === "docker" ? DOCKER_READY_TIMEOUT_IN_MS : READY_TIMEOUT_IN_MS,
      ...(options.onLine && { onLine: options.onLine }),
    });
    options.onSpawn?.(guard);
    try {
      await guard.ready();
      return { url: `redis://127.0.0.1:${port}`, process: guard };
    } catch (error) {
      const end = await guard.stop(0);
      const isPortLost = end?.lastLines.some((line) => line.includes("Address already in use"));
      if (isPortLost !== true || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}

async function orderFor(
  program: RedisProgram,
  options: { readonly port: number; readonly parameters: readonly string[] },
): Promise<GuardOrder> {
  const folder = await mkdtemp(join(tmpdir(), "fleetquake-redis-"));
  const common = ["--save", "", "--appendonly", "no", ...options.parameters];
  switch (program.kind) {
    case "executable":
      return {
        command: program.path,
        parameters: [
          "--port",
          `${options.port}`,
          "--bind",
          "127.0.0.1",
          "--dir",
          folder,
          ...common,
        ],
        folder,
      };
    case "docker": {
      const name = `fleetquake-redis-${options.port}`;
      const published = `127.0.0.1:${options.port}:6379`;
      const run = ["run", "--rm", "--name", name, "--publish", published, program.image];
      return {
        command: program.path,
        // Inside the container everybody comes through the bridge; the published port is bound to loopback.
        parameters: [...run, "redis-server", "--protected-mode", "no", ...common],
        folder,
        cleanup: { command: program.path, parameters: ["rm", "--force", name] },
      };
    }
  }
}
