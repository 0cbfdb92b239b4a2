import { Queue } from "bullmq";
import { waitFor } from "./wait-for.ts";

const COMPLETED_WITHIN_IN_MS = 30_000;

/** The queue whose jobs the workers do, filled from outside of the fleet; its connection is the test's own. */
export class WorkQueue implements AsyncDisposable {
  readonly #queue: Queue;
  #added = 0;

  constructor(redisUrl: string) {
    const { port } = new URL(redisUrl);
    this.#queue = new Queue("work", { connection: { host: "127.0.0.1", port: Number(port) } });
  }

  /** Adds jobs, with ids, so that an addition that is repeated is no second job. */
  async add(count: number): Promise<void> {
    const first = this.#added;
    this.#added += count;
    await this.#queue.addBulk(
      Array.from({ length: count }, (_, index) => ({
        name: "job",
        data: {},
        opts: { jobId: `j-${first + index}` },
      })),
    );
  }

  /** How many jobs were done. */
  completed(): Promise<number> {
    return this.#queue.getCompletedCount();
  }

  /** How many jobs are being done. */
  active(): Promise<number> {
    return this.#queue.getActiveCount();
  }

  /** How many jobs were given up. */
  failed(): Promise<number> {
    return this.#queue.getFailedCount();
  }

  /** Waits until every job that was added is done. @throws when they are not within 30 s. */
  async waitForCompletion(): Promise<void> {
    await waitFor(async () => (await this.completed()) === this.#added, {
      what: `completion of ${this.#added} jobs`,
      timeoutInMs: COMPLETED_WITHIN_IN_MS,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }
}
