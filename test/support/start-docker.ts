import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "./wait-for.ts";

const run = promisify(execFile);
const MOST_OUTPUT_IN_BYTES = 64 * 1_024 * 1_024;

/** Why no engine can be started here; null where one can. */
export async function whyNoDocker(): Promise<string | null> {
  if (process.getuid?.() !== 0) {
    return "an engine of its own needs root";
  }
  for (const program of ["dockerd", "docker", "docker-compose"]) {
    try {
      await run(program, ["--version"]);
    } catch {
      return `no ${program} on PATH (apt-get install docker.io iptables docker-compose)`;
    }
  }
  return null;
}

/** A Docker engine of a test's own: nothing that it makes is left behind. */
export interface StartedDocker extends AsyncDisposable {
  /** Where its client and docker-compose find it. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs the client, and gives what it printed. @throws with what it complained about. */
  docker(...parameters: readonly string[]): Promise<string>;
}

/** Starts dockerd with everything of it in a folder. @throws when it does not answer in time. */
export async function startDocker(): Promise<StartedDocker> {
  const folder = await mkdtemp(join(tmpdir(), "fleetquake-docker-"));
  const socket = `unix://${join(folder, "sock")}`;
  const engine = spawn(
    "dockerd",
    [
      `--data-root=${join(folder, "data")}`,
      `--exec-root=${join(folder, "exec")}`,
      `--pidfile=${join(folder, "pid")}`,
      `--host=${socket}`,
    ],
    { stdio: "ignore" },
  );
  // The engine's own builder needs no plugin.
  const env = { ...process.env, DOCKER_HOST: socket, DOCKER_BUILDKIT: "0" };
  const docker = async (...parameters: readonly string[]): Promise<string> => {
    const { stdout } = await run("docker", parameters, { env, maxBuffer: MOST_OUTPUT_IN_BYTES });
    return stdout.trim();
  };
  const stop = async (): Promise<void> => {
    if (engine.exitCode === null && engine.signalCode === null) {
      const ended = once(engine, "exit");
      engine.kill("SIGTERM");
      await ended;
    }
    // The engine leaves its own network namespace mounted; an engine that never got so far has none.
    await run("umount", ["--quiet", join(folder, "exec", "netns", "default")]).catch(
      () => undefined,
    );
    // The engine leaves its own network namespace mounted; one that never got so far has none.
    const left = join(folder, "exec", "netns", "default");
    await run("umount", ["--quiet", left]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const answers = (): Promise<boolean> =>
      docker("info").then(
        () => true,
        () => false,
      );
    await waitFor(answers, { what: "Docker engine", timeoutInMs: 30_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, docker, [Symbol.asyncDispose]: stop };
}
