import { setTimeout as pause } from "node:timers/promises";
import { QueueEvents } from "bullmq";
import type { FeedRedisClient } from "./connect-redis.ts";
import type { QueueListener } from "./feed-queue.ts";
import { readRun } from "./read-run.ts";

const TRY_AGAIN_IN_MS = 200;
const CLOSE_IN_MS = 500;

export interface EventReaderOptions {
  /** Copied for blocking reads. */
  readonly template: FeedRedisClient;
  /** For asking where the stream of events ends. */
  readonly redis: FeedRedisClient;
  readonly queue: string;
  readonly prefix: string;
  readonly listener: QueueListener;
  readonly onError: (error: Error) => void;
}

/**
 * Reads a queue's events from a known id on, so that a cut connection goes on where it was. BullMQ's own start, "$",
 * means "from now on" each time that it is sent: what happens between a reset and the next read would be missed.
 */
export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #closing = new AbortController();
  #lastId: string | null = null;
  #reading: QueueEvents | null = null;

  constructor(options: EventReaderOptions) {
    this.#options = options;
    void this.#run();
  }

  /** Whether the place in the stream is known: what happens from now on will be heard. */
  get isPlaced(): boolean {
    return this.#lastId !== null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#stopReading();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#lastId ??= await this.#readLastId();
        if (!signal.aborted) {
          await this.#read(this.#lastId);
        }
      } catch (error) {
        this.#report(error);
      }
      await this.#stopReading();
      // Aborted: the loop's condition sees it.
      await pause(TRY_AGAIN_IN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #readLastId(): Promise<string> {
    const { redis, prefix, queue } = this.#options;
    const last = await redis.xrevrange(`${prefix}:${queue}:events`, "+", "-", "COUNT", 1);
    return last[0]?.[0] ?? "0-0";
  }

  /** Settles when reading has ended, which without an error it does only on close. */
  async #read(lastEventId: string): Promise<void> {
    const { template, queue, prefix, listener, onError } = this.#options;
    const events = new QueueEvents(queue, {
      connection: template,
      prefix,
      lastEventId,
      autorun: false,
    });
    this.#reading = events;
    events.on("error", onError);
    events.on("completed", ({ jobId, returnvalue }, id) => {
      this.#lastId = id;
      listener.completed(jobId, readRun(returnvalue));
    });
    events.on("failed", ({ jobId }, id) => {
      this.#lastId = id;
      listener.failed(jobId);
    });
    events.on("stalled", ({ jobId }, id) => {
      this.#lastId = id;
      listener.stalled(jobId);
    });
    await events.run();
  }

  async #stopReading(): Promise<void> {
    const closing = this.#reading?.close().catch((error: unknown) => this.#report(error));
    this.#reading = null;
    // With Redis away BullMQ waits for an end that ioredis never tells of; the connection is given up all the same.
    await Promise.race([closing, pause(CLOSE_IN_MS, undefined, { ref: false })]);
  }

  #report(error: unknown): void {
    if (!this.#closing.signal.aborted) {
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
