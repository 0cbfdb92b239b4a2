import type { Clock, Log, Timer } from "@fleetquake/contract";
import { monotonicFactory } from "ulid";
import type { FeedQueue, QueueCounts } from "./feed-queue.ts";
import { JobBook } from "./job-book.ts";
import type { JobLedger } from "./job-ledger.ts";
import { Pacer } from "./pacer.ts";
import { settleJobs } from "./settle-jobs.ts";

/** The highest rate of a feed. */
export const MOST_JOBS_PER_SECOND = 10_000;

const TICK_IN_MS = 25;
/** Jobs of one addition: what Redis takes in without keeping others waiting for long. */
const BATCH = 500;
/** Additions that may be without an answer at once, first and repeated ones together. */
const MOST_UNCONFIRMED = 2_000;
/** Jobs that the feed remembers; at this backlog it waits for the workers. */
const MOST_OPEN = 100_000;
const LOOK_EVERY_IN_MS = 1_000;
/** A job of which nothing was heard for this long is asked about. */
const QUIET_IN_MS = 10_000;
const SETTLE_LOOK_EVERY_IN_MS = 100;
const REPEAT_LEAST_IN_MS = 50;
const REPEAT_MOST_IN_MS = 150;

interface Repeat {
  readonly ids: readonly string[];
  readonly firstSentAtInMs: number;
  readonly dueInMs: number;
}

export interface JobFeedOptions {
  readonly queue: FeedQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/** Adds jobs at a steady rate, and knows what became of each. Redis may be away, at any time. */
export class JobFeed implements AsyncDisposable {
  readonly #queue: FeedQueue;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #book = new JobBook();
  readonly #newId = monotonicFactory();
  readonly #looks: { timer: Timer | null; isUnderWay: boolean } = {
    timer: null,
    isUnderWay: false,
  };
  #repeats: Repeat[] = [];
  #pacer: Pacer | null = null;
  #tick: Timer | null = null;
  #withheldBefore = 0;
  #isClosed = false;

  constructor({ queue, clock, log }: JobFeedOptions) {
    this.#queue = queue;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Begins to add jobs, or goes on at another rate; 0 stops.
   * @throws RangeError for a rate that is not within 0 and 10,000 a second, Error after `close`.
   */
  start(jobsPerSecond: number): void {
    if (!(jobsPerSecond >= 0 && jobsPerSecond <= MOST_JOBS_PER_SECOND)) {
      throw new RangeError(`a feed adds 0 to ${MOST_JOBS_PER_SECOND} jobs a second`);
    }
    this.stop();
    if (this.#isClosed) {
      throw new Error("the feed is closed");
    }
    if (jobsPerSecond === 0) {
      return;
    }
    this.#queue.listen({
      completed: (id, run) => this.#book.complete(id, run),
      failed: (id) => this.#book.fail(id),
      stalled: (id) => this.#book.stall(id),
    });
    this.#pacer = new Pacer(jobsPerSecond, this.#clock.monotonicInMs());
    this.#armTick();
    this.#armLook();
  }

  /** Adds nothing more, at once, also nothing again; what became of the jobs is still followed. Idempotent. */
  stop(): void {
    this.#tick?.cancel();
    this.#tick = null;
    this.#withheldBefore += this.#pacer?.withheld ?? 0;
    this.#pacer = null;
    this.#repeats = [];
  }

  /** What became of the jobs by now; never waits, and can be read after `stop` and `close`. */
  ledger(): JobLedger {
    const withheld = this.#withheldBefore + (this.#pacer?.withheld ?? 0);
    return { ...this.#book.counts(), withheld };
  }

  /**
   * Waits until no job is outstanding, asking the queue for each instead of waiting for events; returns what is
   * known at the end of the timeout. Meant for after `stop`.
   */
  async settle({ timeoutInMs }: { readonly timeoutInMs: number }): Promise<JobLedger> {
    const endInMs = this.#clock.monotonicInMs() + timeoutInMs;
    while (this.#book.size > 0 && this.#clock.monotonicInMs() < endInMs) {
      await this.#look(SETTLE_LOOK_EVERY_IN_MS);
      await new Promise<void>((resolve) => this.#clock.after(SETTLE_LOOK_EVERY_IN_MS, resolve));
    }
    return this.ledger();
  }

  /** What the queue holds. @throws Error within a second while Redis is away. */
  counts(): Promise<QueueCounts> {
    return this.#queue.counts();
  }

  /** Stops, and lets go of the connections. Idempotent. */
  async close(): Promise<void> {
    this.stop();
    this.#isClosed = true;
    this.#looks.timer?.cancel();
    await this.#queue.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #armTick(): void {
    this.#tick = this.#clock.after(TICK_IN_MS, () => {
      this.#feed();
      this.#armTick();
    });
  }

  #feed(): void {
    const nowInMs = this.#clock.monotonicInMs();
    if (!this.#queue.isReady) {
      this.#pacer?.take(nowInMs, 0);
      return;
    }
    const due = this.#repeats.filter(({ dueInMs }) => dueInMs <= nowInMs);
    this.#repeats = this.#repeats.filter((repeat) => !due.includes(repeat));
    for (const repeat of due) {
      void this.#repeat(repeat);
    }
    const room = Math.min(MOST_UNCONFIRMED - this.#book.unconfirmed, MOST_OPEN - this.#book.size);
    for (let left = this.#pacer?.take(nowInMs, room) ?? 0; left > 0; left -= BATCH) {
      const ids = Array.from({ length: Math.min(left, BATCH) }, () => `j-${this.#newId()}`);
      void this.#add(ids, this.#clock.nowInMs());
    }
  }

  async #add(ids: readonly string[], firstSentAtInMs: number): Promise<void> {
    if (ids.length === 0) {
      return;
    }
    this.#book.send(ids, this.#clock.nowInMs());
    try {
      await this.#queue.add(ids);
      this.#book.confirm(ids);
    } catch (error) {
      const unknown = this.#book.interrupt(ids);
      this.#log.debug("job-addition-interrupted", { jobs: unknown.length, error: String(error) });
      if (this.#pacer !== null && unknown.length > 0) {
        const waitInMs =
          REPEAT_LEAST_IN_MS + Math.random() * (REPEAT_MOST_IN_MS - REPEAT_LEAST_IN_MS);
        const dueInMs = this.#clock.monotonicInMs() + waitInMs;
        this.#repeats.push({ ids: unknown, firstSentAtInMs, dueInMs });
      }
    }
  }

  /** Adds again what may be there already: the same ids, as long as the queue cannot have forgotten them. */
  async #repeat(repeat: Repeat): Promise<void> {
    const { ids, firstSentAtInMs } = repeat;
    try {
      const isSafe = await this.#queue.remembersSince(firstSentAtInMs);
      if (this.#pacer === null) {
        return;
      }
      // Not safe: the next look finds them, or gives them up.
      if (isSafe) {
        await this.#add(this.#book.interrupt(ids), firstSentAtInMs);
      }
    } catch (error) {
      this.#log.debug("job-addition-interrupted", { jobs: ids.length, error: String(error) });
      // Stopped: what will not be repeated is the looks' to settle.
      if (this.#pacer !== null) {
        const dueInMs = this.#clock.monotonicInMs() + REPEAT_MOST_IN_MS;
        this.#repeats.push({ ...repeat, dueInMs });
      }
    }
  }

  #armLook(): void {
    this.#looks.timer?.cancel();
    this.#looks.timer = this.#clock.after(LOOK_EVERY_IN_MS, () => {
      void this.#look(QUIET_IN_MS);
      if (this.#book.size > 0 || this.#pacer !== null) {
        this.#armLook();
      }
    });
  }

  /** Asks the queue for jobs that it was not asked for in a span. */
  async #look(quietInMs: number): Promise<void> {
    if (this.#looks.isUnderWay || !this.#queue.isReady) {
      return;
    }
    this.#looks.isUnderWay = true;
    try {
      await settleJobs(this.#book, {
        queue: this.#queue,
        nowInMs: this.#clock.nowInMs(),
        quietInMs,
        // While it may be added yet, that it is not there means nothing.
        willRepeat: new Set(this.#repeats.flatMap(({ ids }) => ids)),
      });
    } catch (error) {
      this.#log.debug("job-look-failed", { error: String(error) });
    } finally {
      this.#looks.isUnderWay = false;
    }
  }
}
