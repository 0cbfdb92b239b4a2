import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { waitFor } from "./wait-for.ts";

/** The `servicebus-emulator` command as a process of its own. */
export interface StartedEmulatorProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The rest of the line in its output that begins with `label: `. */
  printed(label: string): string;
  /** Its exit code, once it has ended; null when a signal ended it. */
  exited(): Promise<number | null>;
}

/** The key of every emulator that is started here. */
export const emulatorKey = "a key for tests, nothing more";

const MAIN = fileURLToPath(
  new URL("../../packages/servicebus-emulator/dist/main.js", import.meta.url),
);
const TIMEOUT_IN_MS = 10_000;

/** Runs the built command and does not wait for anything. */
export function runEmulator(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = { SERVICEBUS_EMULATOR_KEY: emulatorKey },
): StartedEmulatorProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const closed = once(child, "close");
  const exited = async (): Promise<number | null> => {
    await closed;
    return child.exitCode;
  };
  return {
    child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    printed: (label) => new RegExp(`^${label}: (.*)$`, "mu").exec(stdout)?.[1] ?? "",
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** Runs the built command with any free port and waits until it listens. @throws when it does not. */
export async function startEmulator(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<StartedEmulatorProcess> {
  const emulator = runEmulator(
    ["--port", "0", "--admin-port", "0", "--show-key", ...args],
    environment,
  );
  await waitFor(() => emulator.printed("Entities") !== "" || emulator.child.exitCode !== null, {
    what: "address of the entities",
    timeoutInMs: TIMEOUT_IN_MS,
  });
  if (emulator.child.exitCode !== null) {
    throw new Error(`The emulator ended with ${emulator.child.exitCode}: ${emulator.stderr}`);
  }
  return emulator;
}
