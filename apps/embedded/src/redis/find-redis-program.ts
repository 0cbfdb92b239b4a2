import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { StartRefusedError } from "../launcher/start-refused-error.ts";
import { runTool } from "../process/run-tool.ts";
import { readServerVersion } from "./read-server-version.ts";
import type { RedisProgram } from "./redis-program.ts";
import { unpackDebianRedis } from "./unpack-debian-redis.ts";

const SERVER_NAMES = ["redis-server", "valkey-server"] as const;
const DOCKER_IMAGE = "redis:7.4-alpine";
const DOCKER_TIMEOUT_IN_MS = 5_000;

export interface FindRedisOptions {
  /** The PATH to search. */
  readonly path: string;
  /** Where an unpacked package is kept; created when it is needed. */
  readonly cacheFolder: string;
  /** Gets one line before something that takes more than a moment. */
  readonly say: (line: string) => void;
}

/**
 * Finds a Redis server to run, in this order: redis-server or valkey-server on PATH, the Debian package unpacked
 * earlier, the Debian package unpacked now (no root needed), Docker.
 *
 * @throws StartRefusedError that names each thing tried, why it did not serve, and how to install one.
 */
export async function findRedisProgram(options: FindRedisOptions): Promise<RedisProgram> {
  const tried: string[] = ["REDIS_URL: not set"];
  const found =
    (await findOnPath(options.path, tried)) ??
    (await findUnpacked(options, tried)) ??
    (await findDocker(options.path, tried));
  if (found === null) {
    throw new StartRefusedError(
      [
        "no Redis server found. Tried:",
        ...tried.map((line) => `    ${line}`),
        "  Install one: sudo apt-get install redis-server (Debian, Ubuntu), sudo dnf install valkey (Fedora),",
        "  brew install redis (macOS); or name a running one: REDIS_URL=redis://host:6379 npm start",
      ].join("\n"),
    );
  }
  return found;
}

async function findOnPath(path: string, tried: string[]): Promise<RedisProgram | null> {
  for (const name of SERVER_NAMES) {
    const executable = findExecutable(name, path);
    if (executable === null) {
      tried.push(`${name} on PATH: not there`);
      continue;
    }
    const answer = await readServerVersion(executable);
    if ("version" in answer) {
      return { kind: "executable", path: executable, version: answer.version };
    }
    tried.push(`${executable}: ${answer.problem}`);
  }
  return null;
}

async function findUnpacked(
  options: FindRedisOptions,
  tried: string[],
): Promise<RedisProgram | null> {
  const folder = join(options.cacheFolder, "redis-debian");
  const executable = join(folder, "bin", "redis-server");
  const known = await readServerVersion(executable);
  if ("version" in known) {
    return { kind: "executable", path: executable, version: known.version };
  }
  if (findExecutable("apt-get", options.path) === null) {
    tried.push("the Debian package, unpacked without installing it: no apt-get here");
    return null;
  }
  options.say("no Redis on PATH: unpacking Debian's redis-server (apt-get download)");
  const problem = await unpackDebianRedis(folder);
  const unpacked = await readServerVersion(executable);
  if (problem === null && "version" in unpacked) {
    return { kind: "executable", path: executable, version: unpacked.version };
  }
  const why = problem ?? ("problem" in unpacked ? unpacked.problem : "");
  tried.push(`apt-get download redis-server, unpacked to ${folder}: ${why}`);
  return null;
}

async function findDocker(path: string, tried: string[]): Promise<RedisProgram | null> {
  const docker = findExecutable("docker", path);
  if (docker === null) {
    tried.push("docker: not on PATH");
    return null;
  }
  const { failure } = await runTool(docker, ["version", "--format", "{{.Server.Version}}"], {
    timeoutInMs: DOCKER_TIMEOUT_IN_MS,
  });
  if (failure !== null) {
    tried.push(`docker: ${failure}`);
    return null;
  }
  return { kind: "docker", path: docker, image: DOCKER_IMAGE };
}

/** The first executable of that name on the PATH; null when there is none. */
function findExecutable(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder, or not for us to run: the next one may have it.
    }
  }
  return null;
}
