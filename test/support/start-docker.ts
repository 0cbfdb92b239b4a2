import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectDocker, type DockerClient } from "./connect-docker.ts";
import { waitFor } from "./wait-for.ts";

const run = promisify(execFile);
const START_TIMEOUT_IN_MS = 15_000;
const STOP_TIMEOUT_IN_MS = 20_000;
const LAST_WORDS = 2;

/** A Docker engine of a test's own: disposing leaves nothing of it behind. */
export type StartedDocker = DockerClient & AsyncDisposable;

/**
 * Starts dockerd with everything of it in a folder; it ends with the test's process, also where that is killed.
 *
 * It keeps off this machine's network: no bridge of its own and no rules in the firewall, which it would share with other
 * engines and with tests. Networks that are made in it work, and their ports are published by its proxy, on loopback.
 * @throws with its last words when it ends or does not answer in time.
 */
export async function startDocker(): Promise<StartedDocker> {
  const folder = await mkdtemp(join(tmpdir(), "fleetquake-docker-"));
  const client = connectDocker(`unix://${join(folder, "sock")}`);
  const engine = spawnEngine(folder, client.socket);
  const stop = async (): Promise<void> => {
    await end(engine);
    // The engine leaves its own network namespace mounted; one that never got so far has none.
    const left = join(folder, "exec", "netns", "default");
    await run("umount", ["--quiet", left]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const isDecided = async (): Promise<boolean> => hasEnded(engine) || (await client.answers());
    await waitFor(isDecided, { what: "answer of dockerd", timeoutInMs: START_TIMEOUT_IN_MS });
    if (hasEnded(engine)) {
      throw new Error(`exit code ${engine.exitCode}`);
    }
  } catch (cause) {
    const lastWords = (await readLines(join(folder, "log"))).slice(-LAST_WORDS).join("; ");
    await stop();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`dockerd did not start (${why}): ${lastWords || "it said nothing"}`, { cause });
  }
  return { ...client, [Symbol.asyncDispose]: stop };
}

function spawnEngine(folder: string, socket: string): ChildProcess {
  const log = openSync(join(folder, "log"), "w");
  try {
    return spawn(
      "setpriv",
      [
        "--pdeathsig=TERM",
        "dockerd",
        `--data-root=${join(folder, "data")}`,
        `--exec-root=${join(folder, "exec")}`,
        `--pidfile=${join(folder, "pid")}`,
        `--host=${socket}`,
        "--bridge=none",
        "--ip=127.0.0.1",
        "--ip-forward=false",
        "--iptables=false",
        "--ip6tables=false",
        "--default-address-pool=base=10.213.0.0/16,size=24",
      ],
      { stdio: ["ignore", log, log] },
    );
  } finally {
    closeSync(log);
  }
}

async function readLines(file: string): Promise<readonly string[]> {
  return (await readFile(file, "utf8")).trim().split("\n");
}

function hasEnded(engine: ChildProcess): boolean {
  return engine.exitCode !== null || engine.signalCode !== null;
}

async function end(engine: ChildProcess): Promise<void> {
  if (hasEnded(engine)) {
    return;
  }
  const ended = once(engine, "exit");
  engine.kill("SIGTERM");
  const timer = setTimeout(() => engine.kill("SIGKILL"), STOP_TIMEOUT_IN_MS);
  await ended;
  clearTimeout(timer);
}
