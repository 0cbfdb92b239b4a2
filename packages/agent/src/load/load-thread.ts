import { Worker } from "node:worker_threads";
import { systemClock } from "@fleetquake/contract/plain";
import { FaultRefusedError } from "@fleetquake/replica/fault-refused-error";
import { threadFile } from "../thread/thread-file.ts";
import type {
  FromLoadThread,
  MemoryThreadData,
  ProcessorThreadData,
} from "./load-thread-message.ts";

/** The threads hold no objects to speak of; what the load holds lies outside of the heap. */
const HEAP_LIMIT_IN_MB = 32;

/** A thread that is still reading its modules ends by itself, some tens of milliseconds later; a busy machine takes longer. */
const LOADING_TIMEOUT_IN_MS = 2_000;

/** What a thread of a load does. */
export type LoadThreadTask =
  | { readonly type: "hold-memory"; readonly data: MemoryThreadData }
  | { readonly type: "burn-processor"; readonly data: ProcessorThreadData };

/**
 * A worker thread that is a part of a load. It keeps no process alive, inherits neither options nor environment of Node
 * (an application's preloads would run in it), writes to nobody's stdout or stderr, and dies with the thread that started it.
 */
export class LoadThread {
  /**
   * Resolves with true when its part of the load is in effect, with false when it ends before.
   * Rejects with a FaultRefusedError `INSUFFICIENT_MEMORY` when the memory is not there, with an Error when it fails.
   */
  readonly inEffect: Promise<boolean>;
  /** Resolves with what it failed of, or null, when it is gone and its memory with it. */
  readonly gone: Promise<Error | null>;
  readonly #worker: Worker;
  /** It has said something: it has read its modules. */
  #isLoaded = false;

  /** @throws Error when no further thread can be started. */
  constructor(task: LoadThreadTask) {
    const worker = new Worker(threadFile(`load/${task.type}-thread.js`), {
      name: `fleetquake-${task.type}`,
      workerData: task.data,
      execArgv: [],
      env: {},
      // Not piped to the application's.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_IN_MB },
    });
    this.#worker = worker;
    let failure: Error | null = null;
    // Without a listener the error of a thread becomes an uncaught exception of the application.
    worker.on("error", (error) => (failure = asRefusal(error)));
    this.gone = new Promise((resolve) => {
      worker.once("exit", () => resolve(failure));
    });
    this.inEffect = new Promise((resolve, reject) => {
      worker.once("message", (message: FromLoadThread) => {
        this.#isLoaded = true;
        if (message.type === "in-effect") {
          resolve(true);
        } else {
          reject(new FaultRefusedError("INSUFFICIENT_MEMORY", message.message));
        }
      });
      worker.once("exit", () => (failure === null ? resolve(false) : reject(failure)));
    });
    // Last, since a listener for messages takes a reference.
    worker.unref();
  }

  /**
   * Ends it at once, whatever it is doing, after the load's flag has been raised; `gone` tells when it is. Node leaves
   * those modules open for ever that a thread is reading when it is terminated (seen with Node 20): such a thread gets
   * the time to see the flag.
   */
  end(): void {
    if (this.#isLoaded) {
      void this.#worker.terminate();
      return;
    }
    const timer = systemClock.after(LOADING_TIMEOUT_IN_MS, () => void this.#worker.terminate());
    void this.gone.then(() => timer.cancel());
  }
}

/** An allocation that fails although the limits allow it: an address space that is limited, for example. */
function asRefusal(cause: Error): Error {
  return cause instanceof RangeError
    ? new FaultRefusedError("INSUFFICIENT_MEMORY", `The system gave no memory: ${cause.message}`, {
        cause,
      })
    : cause;
}
