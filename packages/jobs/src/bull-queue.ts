import { once } from "node:events";
import { Queue } from "bullmq";
import {
  blockingRedisTemplate,
  connectRedis,
  type FeedRedis,
  type FeedRedisClient,
} from "./connect-redis.ts";
import { EventReader } from "./event-reader.ts";
import type { FeedQueue, QueueCounts, QueueListener, SeenJob } from "./feed-queue.ts";
import { readRun } from "./read-run.ts";

/** How long, and of how many, BullMQ keeps completed and failed jobs, and so their ids: what makes an addition repeatable. */
const KEPT = { age: 3_600, count: 100_000 } as const;
const KEPT_WITH_MARGIN_IN_MS = (KEPT.age - 60) * 1_000;
/** Workers' clocks say when a job was finished, ours when it was sent. */
const CLOCKS_APART_IN_MS = 10_000;
/** Four events a job: five seconds of them at the highest rate. BullMQ keeps 10,000 unless told otherwise. */
const EVENTS_KEPT = 200_000;
/** Asking for a job's place in the queue walks the waiting ones, in Redis's only thread. */
const MOST_WAITING_TO_WALK = 2_000;

/** How long reading the counts waits for a connection. */
const CONNECT_WITHIN_IN_MS = 1_000;

export interface BullQueueOptions {
  readonly redis: FeedRedis;
  readonly queue: string;
  readonly prefix: string;
  readonly nowInMs: () => number;
  /** Gets every error of the connections; it must not throw. */
  readonly onError: (error: Error) => void;
}

/** A BullMQ queue. Its connections are opened when they are needed first, and come back by themselves. */
export class BullQueue implements FeedQueue {
  readonly #options: BullQueueOptions;
  #connected: { readonly redis: FeedRedisClient; readonly queue: Queue } | null = null;
  #events: EventReader | null = null;
  #isClosed = false;

  constructor(options: BullQueueOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#connected?.redis.status === "ready" && this.#events?.isPlaced === true;
  }

  listen(listener: QueueListener): void {
    const { queue: name, prefix, onError } = this.#options;
    const { redis } = this.#connect();
    this.#events ??= new EventReader({
      template: blockingRedisTemplate(this.#options.redis),
      redis,
      queue: name,
      prefix,
      listener,
      onError,
    });
  }

  async add(ids: readonly string[]): Promise<void> {
    const jobs = ids.map((jobId) => ({
      name: "job",
      data: {},
      opts: { jobId, removeOnComplete: KEPT, removeOnFail: KEPT },
    }));
    await this.#ready().addBulk(jobs);
  }

  async look(ids: readonly string[]): Promise<readonly SeenJob[]> {
    const queue = this.#ready();
    const isWalkable = (await this.counts()).waiting <= MOST_WAITING_TO_WALK;
    return Promise.all(ids.map((id) => lookAt(queue, id, isWalkable)));
  }

  async remembersSince(sinceInMs: number): Promise<boolean> {
    if (this.#options.nowInMs() - sinceInMs > KEPT_WITH_MARGIN_IN_MS) {
      return false;
    }
    const queue = this.#ready();
    if ((await queue.getCompletedCount()) < KEPT.count) {
      return true;
    }
    const [oldest] = await queue.getJobs(["completed"], 0, 0, true);
    return (oldest?.finishedOn ?? Number.POSITIVE_INFINITY) < sinceInMs - CLOCKS_APART_IN_MS;
  }

  async counts(): Promise<QueueCounts> {
    await this.#untilReady();
    const states = ["waiting", "prioritized", "active", "delayed", "failed"] as const;
    const counts = await this.#ready().getJobCounts(...states);
    const of = (state: (typeof states)[number]): number => counts[state] ?? 0;
    return {
      waiting: of("waiting") + of("prioritized"),
      active: of("active"),
      delayed: of("delayed"),
      failed: of("failed"),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#events?.close();
    await this.#connected?.queue.close();
    this.#connected?.redis.disconnect();
  }

  #connect(): { readonly redis: FeedRedisClient; readonly queue: Queue } {
    if (this.#isClosed) {
      throw new Error("the feed's queue is closed");
    }
    if (this.#connected === null) {
      const { queue: name, prefix, onError } = this.#options;
      const redis = connectRedis(this.#options.redis, onError);
      const queue = new Queue(name, {
        connection: redis,
        prefix,
        // The check is a command like any other: a reset in the middle of it would leave the queue unusable for good.
        skipVersionCheck: true,
        streams: { events: { maxLen: EVENTS_KEPT } },
      });
      queue.on("error", onError);
      this.#connected = { redis, queue };
    }
    return this.#connected;
  }

  /** Whoever only wants to read shall not be turned away because nobody had connected before. */
  async #untilReady(): Promise<void> {
    const { redis } = this.#connect();
    if (redis.status !== "ready") {
      try {
        await once(redis, "ready", { signal: AbortSignal.timeout(CONNECT_WITHIN_IN_MS) });
      } catch (cause) {
        throw new Error("Redis cannot be reached", { cause });
      }
    }
  }

  #ready(): Queue {
    if (this.#connected?.redis.status !== "ready") {
      throw new Error("Redis cannot be reached");
    }
    return this.#connected.queue;
  }
}

async function lookAt(queue: Queue, id: string, isWalkable: boolean): Promise<SeenJob> {
  const job = await queue.getJob(id);
  if (job === undefined) {
    return { state: "missing" };
  }
  if (job.finishedOn !== undefined) {
    return job.failedReason
      ? { state: "failed" }
      : { state: "completed", run: readRun(job.returnvalue) };
  }
  // It is there; whether a worker can find it is a question of the queue's lists.
  const place = isWalkable ? await queue.getJobState(id) : "waiting";
  return place === "unknown" ? { state: "missing" } : { state: "pending" };
}
