import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

export interface StartHostOptions {
  /** File name in test/support/apps/host. */
  readonly app: string;
  readonly env: Readonly<Record<string, string>>;
  /** Modules that are loaded before the application. @default the agent's preload */
  readonly preload?: readonly string[];
  readonly args?: readonly string[];
}

export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An application as a process of its own, which the agent is a guest of. */
export interface StartedHost extends AsyncDisposable {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Whole lines of stdout so far. */
  lines(): string[];
  stderr(): string;
  /** Writes a line to the application's stdin. */
  tell(line: string): void;
  /** Waits until a line of stdout begins with the text, and returns it. */
  line(beginning: string, timeoutInMs?: number): Promise<string>;
  /** Waits until the process has ended. @throws when it has not within the span (milliseconds). */
  exit(timeoutInMs?: number): Promise<HostExit>;
}

export const AGENT_PRELOAD = "@fleetquake/agent/register";

const appsFolder = fileURLToPath(new URL("./apps/host/", import.meta.url));

/** The address of a module in the folder of host applications, for a preload. */
export function hostModule(file: string): string {
  return new URL(`./apps/host/${file}`, import.meta.url).href;
}

/** Starts an application with the agent's preload; it runs the built packages, as an application would. */
export function startHost(options: StartHostOptions): StartedHost {
  const imports = (options.preload ?? [AGENT_PRELOAD]).flatMap((module) => ["--import", module]);
  const child = spawn(process.execPath, [...imports, options.app, ...(options.args ?? [])], {
    cwd: appsFolder,
    env: { PATH: process.env["PATH"], ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  const lines = (): string[] => stdout.split("\n").slice(0, -1);
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const closed = once(child, "close");
  return {
    pid: child.pid ?? 0,
    process: child,
    lines,
    stderr: () => stderr,
    tell: (line) => child.stdin?.write(`${line}\n`),
    async line(beginning, timeoutInMs = 20_000) {
      const find = (): string | undefined => lines().find((line) => line.startsWith(beginning));
      try {
        await until(() => find() !== undefined || hasExited(), timeoutInMs);
      } catch (cause) {
        throw new Error(`no line "${beginning}" in:\n${stdout}\n${stderr}`, { cause });
      }
      const found = find();
      if (found === undefined) {
        throw new Error(`ended without a line "${beginning}":\n${stdout}\n${stderr}`);
      }
      return found;
    },
    async exit(timeoutInMs = 20_000) {
      try {
        await until(hasExited, timeoutInMs);
      } catch (cause) {
        throw new Error(`still running:\n${stdout}\n${stderr}`, { cause });
      }
      await closed;
      return { code: child.exitCode, signal: child.signalCode };
    },
    async [Symbol.asyncDispose]() {
      if (!hasExited()) {
        child.kill("SIGKILL");
      }
      await closed;
    },
  };
}
