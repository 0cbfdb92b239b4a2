import type { LoadReport, Log } from "@fleetquake/contract";
import { LoadThread, type LoadThreadTask } from "./load-thread.ts";
import { BYTES_PER_MB } from "./load-profile.ts";
import { StopFlag } from "./stop-flag.ts";

export interface RunningLoadOptions {
  readonly endsAtMonotonicInMs: number;
  readonly limitsRoot: string;
  readonly log: Log;
}

/** One load from its beginning to its end: a thread that holds memory, and one that burns processor time. */
export class RunningLoad {
  readonly #options: RunningLoadOptions;
  readonly #flag = new StopFlag();
  readonly #threads: LoadThread[] = [];

  constructor(options: RunningLoadOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the memory is touched and the processor busy. The memory comes first: it may yet be refused, and
   * touching it is quicker while the processor is free.
   * @throws {FaultRefusedError} `INSUFFICIENT_MEMORY` when others were quicker to take the memory.
   * @throws Error when the load ends before, by time or by `end`. It is to be ended then.
   */
  async begin(report: LoadReport): Promise<void> {
    const { endsAtMonotonicInMs, limitsRoot } = this.#options;
    const data = { stop: this.#flag.shared, endsAtMonotonicInMs };
    const bytes = report.memory_mb * BYTES_PER_MB;
    await this.#run({ type: "hold-memory", data: { ...data, bytes, limitsRoot } });
    await this.#run({ type: "burn-processor", data: { ...data, cores: report.cpu_cores } });
  }

  /** Ends it at once; resolves when its threads are gone, and their memory with them. Idempotent. */
  async end(): Promise<void> {
    this.#flag.raise();
    for (const thread of this.#threads) {
      thread.end();
    }
    await this.gone();
  }

  /** Resolves when its threads are gone, which they are by themselves when its time is over. */
  async gone(): Promise<void> {
    await Promise.all(this.#threads.map(({ gone }) => gone));
  }

  async #run(task: LoadThreadTask): Promise<void> {
    const isInEffect = !this.#flag.isRaised && (await this.#startThread(task).inEffect);
    if (!isInEffect) {
      throw new Error("The load ended before it was in effect");
    }
  }

  #startThread(task: LoadThreadTask): LoadThread {
    const thread = new LoadThread(task);
    this.#threads.push(thread);
    void thread.gone.then((failure) => this.#threadGone(task, failure));
    return thread;
  }

  /** Half a load would be taken for a whole one: with one thread the other ends. */
  #threadGone({ type }: LoadThreadTask, error: Error | null): void {
    if (error !== null) {
      this.#options.log.error("load-thread-failed", { thread: type, error });
      void this.end();
    }
  }
}
