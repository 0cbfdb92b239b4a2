import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { connectDocker, type DockerClient } from "./connect-docker.ts";
import { findProgram } from "./find-program.ts";
import { makeLocalImage } from "./make-local-image.ts";
import { startDocker, type StartedDocker } from "./start-docker.ts";

const run = promisify(execFile);

/** An engine that has run a container, or why there is none. */
export type OpenedDocker =
  | { readonly kind: "open"; readonly docker: StartedDocker }
  | { readonly kind: "none"; readonly reason: string };

/**
 * An engine of the test's own. Where it does not start or cannot run containers, the reason is there within seconds.
 * Programs are those that the caller needs beside the engine's, for example `docker-compose`.
 */
export async function openOwnDocker(programs: readonly string[] = []): Promise<OpenedDocker> {
  if (process.getuid?.() !== 0) {
    return { kind: "none", reason: "an engine of its own needs root" };
  }
  const missing = ["dockerd", "docker", "setpriv", ...programs].find((one) => !findProgram(one));
  if (missing !== undefined) {
    const reason = `no ${missing} on PATH (apt-get install docker.io iptables docker-compose)`;
    return { kind: "none", reason };
  }
  try {
    const docker = await startDocker();
    const reason = await whyNoContainer(docker);
    if (reason === null) {
      return { kind: "open", docker };
    }
    await docker[Symbol.asyncDispose]();
    return { kind: "none", reason };
  } catch (error) {
    return { kind: "none", reason: sayOnOneLine(error) };
  }
}

/**
 * An engine of the test's own where one can be started, else the one that runs on this machine, for example on a build
 * server without root. In that one the caller removes what it made; disposing leaves it alone.
 */
export async function openDocker(): Promise<OpenedDocker> {
  const own = await openOwnDocker();
  if (own.kind === "open") {
    return own;
  }
  const running = await openRunningDocker();
  return running.kind === "open"
    ? running
    : { kind: "none", reason: `${own.reason}; ${running.reason}` };
}

/** The engine that runs on this machine, with the images that it has; disposing leaves it alone. */
export async function openRunningDocker(): Promise<OpenedDocker> {
  if (findProgram("docker") === null) {
    return { kind: "none", reason: "no docker on PATH" };
  }
  const running = connectDocker(await socketOfRunning());
  const reason = (await running.answers())
    ? await whyNoContainer(running)
    : `none runs at ${running.socket}`;
  return reason === null
    ? { kind: "open", docker: { ...running, [Symbol.asyncDispose]: () => Promise.resolve() } }
    : { kind: "none", reason };
}

async function socketOfRunning(): Promise<string> {
  const parameters = ["context", "inspect", "--format={{.Endpoints.docker.Host}}"];
  return process.env["DOCKER_HOST"] ?? (await run("docker", parameters)).stdout.trim();
}

/** An engine may answer where the kernel lets it make no namespace or no network. */
async function whyNoContainer(client: DockerClient): Promise<string | null> {
  const { docker } = client;
  const name = `fleetquake-probe-${process.pid}`;
  try {
    await makeLocalImage(client, { kind: "probe", tag: name });
    await docker("network", "create", name);
    await docker("run", "--rm", "--network", name, "--publish", "127.0.0.1::7", name, "env");
    return null;
  } catch (error) {
    return `the engine runs no container: ${sayOnOneLine(error)}`;
  } finally {
    await docker("network", "rm", name).catch(() => undefined);
    await docker("image", "rm", "--force", name).catch(() => undefined);
  }
}

function sayOnOneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error)
    .trim()
    .replaceAll(/\s*\n\s*/g, " ");
}
