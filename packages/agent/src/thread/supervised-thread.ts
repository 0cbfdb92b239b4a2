import { Worker } from "node:worker_threads";
import type { Clock, Log, Timer } from "@fleetquake/contract";
import { threadFile } from "./thread-file.ts";
import type { FromThread, ToThread } from "./thread-message.ts";
import type { ThreadSettings } from "./thread-settings.ts";

const FIRST_RESTART_IN_MS = 250;
const LONGEST_RESTART_IN_MS = 30_000;
/** A thread that has lived so long has earned a quick restart. */
const HEALTHY_AFTER_IN_MS = 60_000;
/** Far above what the SDK needs (a few tens of MB): a leak ends the thread, not the application. */
const HEAP_LIMIT_IN_MB = 256;
/** The core's own closing is bounded by less. */
const STOP_TIMEOUT_IN_MS = 8_000;

export interface SupervisedThreadOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** What the next thread is started with. */
  readonly settings: () => ThreadSettings;
  readonly onMessage: (message: FromThread) => void;
  /** The thread is gone, and with it everything that was asked of it. */
  readonly onLost: () => void;
}

/**
 * A worker thread that is started again when it ends, later and later while it keeps ending.
 * It keeps no process alive, inherits no options of Node, and writes to nobody's stdout or stderr.
 */
export class SupervisedThread {
  readonly #options: SupervisedThreadOptions;
  #worker: Worker | undefined;
  #restartTimer: Timer | undefined;
  #startedAtInMs = 0;
  #quickEnds = 0;
  #restarts = 0;
  #isStopping = false;

  constructor(options: SupervisedThreadOptions) {
    this.#options = options;
  }

  /** How often the thread had to be started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** @throws DataCloneError when the settings hold what cannot cross threads. */
  start(): void {
    const worker = new Worker(threadFile("thread/agent-thread.js"), {
      name: "fleetquake-agent",
      workerData: this.#options.settings(),
      execArgv: [],
      // Not piped to the application's, and not read: reading them would keep the process alive.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_IN_MB },
    });
    this.#worker = worker;
    this.#startedAtInMs = this.#options.clock.monotonicInMs();
    worker.on("message", (message: FromThread) => this.#options.onMessage(message));
    // Without a listener the error of a thread becomes an uncaught exception of the application.
    worker.on("error", (error) => this.#options.log.error("agent-thread-failed", { error }));
    worker.on("exit", () => this.#ended(worker));
    // Last, since a listener for messages takes a reference.
    worker.unref();
  }

  /** @returns false when no thread is running. */
  post(message: ToThread): boolean {
    this.#worker?.postMessage(message);
    return this.#worker !== undefined;
  }

  /** Lets the thread say goodbye and end; after a few seconds it is ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#restartTimer?.cancel();
    const worker = this.#worker;
    if (worker === undefined) {
      return;
    }
    worker.ref();
    const ended = new Promise<void>((resolve) => {
      worker.once("exit", () => resolve());
    });
    worker.postMessage({ type: "stop" } satisfies ToThread);
    const timer = this.#options.clock.after(STOP_TIMEOUT_IN_MS, () => void worker.terminate());
    await ended;
    timer.cancel();
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) {
      return;
    }
    this.#worker = undefined;
    this.#options.onLost();
    if (this.#isStopping) {
      return;
    }
    const { clock, log } = this.#options;
    const livedInMs = clock.monotonicInMs() - this.#startedAtInMs;
    this.#quickEnds = livedInMs >= HEALTHY_AFTER_IN_MS ? 0 : this.#quickEnds + 1;
    const delayInMs = Math.min(FIRST_RESTART_IN_MS * 2 ** this.#quickEnds, LONGEST_RESTART_IN_MS);
    log.warn("agent-thread-ended", { lived_ms: livedInMs, restart_ms: delayInMs });
    this.#restartTimer = clock.after(delayInMs, () => {
      this.#restarts += 1;
      this.start();
    });
  }
}
