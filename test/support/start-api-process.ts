import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The built API as a process of its own. */
export interface StartedApiProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** All that it wrote to stdout and stderr so far. */
  output(): string;
  /** SIGTERM; resolves with the exit code, null when it had to be killed. */
  stop(): Promise<number | null>;
}

const MAIN = fileURLToPath(new URL("../../apps/api/bundle/app/main.js", import.meta.url));
const START_TIMEOUT_IN_MS = 20_000;
const STOP_TIMEOUT_IN_MS = 15_000;

/**
 * Starts the API on a free port and waits until it says that it is ready.
 * @throws when it ends before that; the message carries its output.
 */
export async function startApiProcess(
  environment: Readonly<Record<string, string>>,
): Promise<StartedApiProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env["PATH"], APP_PORT: "0", LOG_LEVEL: "warn", ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  child.stdout?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (output += String(chunk)));
  const ready = await Promise.race([
    once(child, "message", { signal: AbortSignal.timeout(START_TIMEOUT_IN_MS) }),
    once(child, "exit"),
  ]);
  const message: unknown = ready[0];
  if (typeof message !== "object" || message === null || !("url" in message)) {
    child.kill("SIGKILL");
    throw new Error(`the API did not start: ${output}`);
  }
  const url = String(message.url);
  const stop = (): Promise<number | null> => end(child);
  return {
    url,
    port: Number(new URL(url).port),
    child,
    output: () => output,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    child.kill("SIGCONT");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_IN_MS);
    await exited;
    clearTimeout(timer);
  }
  return child.exitCode;
}
