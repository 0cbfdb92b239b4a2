import { fork, type ChildProcess } from "node:child_process";
import { waitUntil } from "@fleetquake/embedded";

const DEFAULT_TIMEOUT_IN_MS = 15_000;

export interface StartSampleAppOptions {
  /** Options of Node itself, for example `["--import", "@fleetquake/agent/register"]`. */
  readonly execArgv?: readonly string[];
}

/**
 * A small application of a user, in a process of its own, spoken to over IPC.
 * It ends with the test, and by itself when the test's process dies, if it listens to messages.
 */
export class SampleApp implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #path: string;
  readonly #messages: unknown[] = [];
  #output = "";
  /** How it ended: exit code or signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;

  constructor(path: string, env: NodeJS.ProcessEnv, options: StartSampleAppOptions) {
    const typescript = path.endsWith(".ts") ? ["--import", "tsx"] : [];
    this.#path = path;
    this.#child = fork(path, {
      env: { ...process.env, ...env },
      execArgv: [...typescript, ...(options.execArgv ?? [])],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child.on("message", (message) => this.#messages.push(message));
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything that it printed. */
  get output(): string {
    return this.#output;
  }

  send(message: object): void {
    this.#child.send(message);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * Takes the first message that fits, also one that came earlier; messages that do not fit stay for another call.
   * @throws Error with the application's output when none came in time or the application has ended.
   */
  async receive<T>(
    fits: (message: unknown) => message is T,
    timeoutInMs = DEFAULT_TIMEOUT_IN_MS,
  ): Promise<T> {
    const taken = await waitUntil(
      () => {
        const found = this.#messages.find((message) => fits(message));
        return found === undefined ? (this.isRunning ? null : { ended: true }) : { found };
      },
      {
        timeoutInMs,
        pollInMs: 5,
        what: `message from ${this.#path}, which printed: ${this.#output}`,
      },
    );
    if (!("found" in taken) || !fits(taken.found)) {
      throw new Error(`${this.#path} ended without the message, and printed: ${this.#output}`);
    }
    this.#messages.splice(this.#messages.indexOf(taken.found), 1);
    return taken.found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}

/** Starts `path` (.mjs, or .ts by tsx) with further environment. */
export function startSampleApp(
  path: string,
  env: NodeJS.ProcessEnv = {},
  options: StartSampleAppOptions = {},
): SampleApp {
  return new SampleApp(path, env, options);
}
