import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const MOST_OUTPUT_IN_BYTES = 64 * 1_024 * 1_024;

/** The client of a Docker engine. */
export interface DockerClient {
  /** For example `unix:///tmp/sock`. */
  readonly socket: string;
  /** Where its client and docker-compose find it. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs the client, and gives what it printed. @throws with what it complained about. */
  readonly docker: (...parameters: readonly string[]) => Promise<string>;
  /** Whether the engine answers, within a few seconds. */
  readonly answers: () => Promise<boolean>;
}

const LAST_LINES = 10;
const ANSWERS_WITHIN_IN_MS = 5_000;

/** The client of the engine at a socket, whether there is one or not. */
export function connectDocker(socket: string): DockerClient {
  // The engine's own builder needs no plugin.
  const env = { ...process.env, DOCKER_HOST: socket, DOCKER_BUILDKIT: "0" };
  return {
    socket,
    env,
    docker: async (...parameters) => {
      try {
        const limits = { env, maxBuffer: MOST_OUTPUT_IN_BYTES };
        return (await run("docker", parameters, limits)).stdout.trim();
      } catch (error) {
        throw new Error(describeFailure(error), { cause: error });
      }
    },
    answers: () =>
      // It prints the error of an engine that it does not reach, and ends with 0, unless it is asked for a version.
      run("docker", ["version", "--format={{.Server.Version}}"], {
        env,
        timeout: ANSWERS_WITHIN_IN_MS,
      }).then(
        () => true,
        () => false,
      ),
  };
}

/** A build says on its standard output what went wrong. */
function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const output = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
  return `${message.trim()}\n${output.trim().split("\n").slice(-LAST_LINES).join("\n")}`.trim();
}
