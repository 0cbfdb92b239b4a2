import { fork, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { LogFile } from "./log-file.ts";
import { describeProcessEnd, type ProcessEnd } from "./process-end.ts";

const REMEMBERED_LINES = 12;
/** How long the pipes of a process that has ended may take to deliver its last words. */
const LAST_WORDS_IN_MS = 300;
/** SIGKILL cannot be refused; a process that is still there after this is stuck in the kernel. */
const KILL_IN_MS = 2_000;

/** What a process sends over its IPC channel once it does its work; members beside `ready` are its own. */
export type ReadyMessage = Readonly<Record<string, unknown>> & { readonly ready: true };

export interface FleetProcessOptions {
  /** How messages call it, for example `worker-2`. */
  readonly name: string;
  /** The compiled module to run. */
  readonly module: URL;
  /** The whole environment; nothing is inherited beside it. */
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** How long `ready` waits, in milliseconds. */
  readonly readyTimeoutInMs: number;
  /** Each line that the process prints. */
  readonly onLine?: (line: string) => void;
}

/**
 * One Node process of the fleet, with an IPC channel.
 *
 * It runs in a session of its own: Ctrl-C reaches the whole process group of a terminal, and the fleet must end in
 * order, told by its launcher alone. It ends by itself when the channel closes, which is how a killed launcher leaves
 * no orphan.
 */
export class FleetProcess implements AsyncDisposable {
  readonly name: string;
  /** Resolves when it has ended, however that came; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #ready: Promise<ReadyMessage>;
  readonly #log: LogFile;
  readonly #lastLines: string[] = [];
  readonly #onLine: (line: string) => void;
  #reportedEnd: { readonly code: number | null; readonly signal: string | null } | null = null;
  #pidOfWork: number | null = null;
  #isRunning = true;

  constructor(options: FleetProcessOptions) {
    this.name = options.name;
    this.#log = new LogFile(options.logFile);
    this.#onLine = options.onLine ?? (() => undefined);
    this.#child = fork(options.module, {
      env: options.env,
      execArgv: [],
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#readLines(this.#child.stdout, false);
    this.#readLines(this.#child.stderr, true);
    this.ended = this.#waitForEnd();
    this.#ready = this.#waitForReady(options.readyTimeoutInMs);
    // Whoever does not ask for readiness must not fall over a rejection that nobody handles.
    this.#ready.catch(() => undefined);
  }

  /** The process that does the work: for Redis the server itself, not the small process that guards it. */
  get pid(): number {
    return this.#pidOfWork ?? this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /**
   * What the process sent when it was ready.
   * @throws Error with its last words when it ends before that, or is not ready in time.
   */
  ready(): Promise<ReadyMessage> {
    return this.#ready;
  }

  /** Sends a signal to the process that does the work; false when it is gone. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#isRunning && isSent(this.pid, signal);
  }

  /**
   * Asks it to end, and makes it end after the timeout. Idempotent.
   * @returns how it ended; null when not even SIGKILL ended it within 2 s more.
   */
  async stop(timeoutInMs: number): Promise<ProcessEnd | null> {
    if (this.#isRunning) {
      this.#child.kill("SIGTERM");
      // Whoever was stopped with SIGSTOP hears of it only once it goes on.
      this.#child.kill("SIGCONT");
    }
    const timers: NodeJS.Timeout[] = [];
    const surrender = new Promise<null>((resolve) => {
      timers.push(setTimeout(() => this.#killAll(), timeoutInMs));
      timers.push(setTimeout(() => resolve(null), timeoutInMs + KILL_IN_MS));
    });
    const end = await Promise.race([this.ended, surrender]);
    timers.forEach((timer) => clearTimeout(timer));
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(0);
  }

  #killAll(): void {
    this.signal("SIGKILL");
    this.#child.kill("SIGKILL");
  }

  #readLines(stream: Readable | null, isRemembered: boolean): void {
    if (stream === null) {
      return;
    }
    createInterface({ input: stream }).on("line", (line) => {
      this.#log.append(line);
      if (isRemembered) {
        this.#lastLines.push(line);
        this.#lastLines.splice(0, this.#lastLines.length - REMEMBERED_LINES);
      }
      this.#onLine(line);
    });
  }

  #waitForEnd(): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      const settle = (code: number | null, signal: string | null): void => {
        const reported = this.#reportedEnd ?? { code, signal };
        this.#log.close();
        resolve({ name: this.name, pid: this.pid, ...reported, lastLines: [...this.#lastLines] });
      };
      this.#child.once("error", (error) => {
        if (this.#child.pid === undefined) {
          this.#isRunning = false;
          this.#lastLines.push(error.message);
          settle(null, null);
        }
      });
      this.#child.once("exit", (code, signal) => {
        this.#isRunning = false;
        // "close" comes with the last words; something that inherited the pipes could hold it back for ever.
        const patience = setTimeout(() => settle(code, signal), LAST_WORDS_IN_MS);
        this.#child.once("close", () => {
          clearTimeout(patience);
          settle(code, signal);
        });
      });
    });
  }

  #waitForReady(timeoutInMs: number): Promise<ReadyMessage> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new Error(`${this.name} (pid ${this.pid}) was not ready within ${timeoutInMs} ms`));
      }, timeoutInMs);
      patience.unref();
      this.#child.on("message", (message) => {
        this.#takeMessage(message, (ready) => {
          clearTimeout(patience);
          resolve(ready);
        });
      });
      const giveUp = async (): Promise<void> => {
        const end = await this.ended;
        clearTimeout(patience);
        reject(new Error(`could not start: ${describeProcessEnd(end)}`));
      };
      void giveUp();
    });
  }

  #takeMessage(message: unknown, onReady: (ready: ReadyMessage) => void): void {
    if (isReadyMessage(message)) {
      // What it said while it started explains no later end.
      this.#lastLines.length = 0;
      const pid = message["pid"];
      this.#pidOfWork = typeof pid === "number" ? pid : this.#pidOfWork;
      onReady(message);
    } else if (isEndMessage(message)) {
      this.#reportedEnd = message.ended;
    }
  }
}

function isSent(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return pid !== 0 && process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") {
      return false;
    }
    throw error;
  }
}

function isReadyMessage(message: unknown): message is ReadyMessage {
  return (
    typeof message === "object" && message !== null && "ready" in message && message.ready === true
  );
}

/** What a guard says of the process that it guards, see redis-guard.ts. */
interface EndMessage {
  readonly ended: { readonly code: number | null; readonly signal: string | null };
}

function isEndMessage(message: unknown): message is EndMessage {
  return typeof message === "object" && message !== null && "ended" in message;
}
