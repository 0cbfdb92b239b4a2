import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@fleetquake/contract";
import { Worker } from "bullmq";
import type { RedisClient } from "@fleetquake/redis";
import type { Telemetry } from "@fleetquake/telemetry";
import type { WorkerConfig } from "./load-config.ts";
import { processJob, type JobResult } from "./process-job.ts";
import { trackJob } from "./track-job.ts";

const STALLED_INTERVAL_IN_MS = 5_000;
/** Whoever is reset every second can orphan the same job more than once; BullMQ's 1 would fail it for good. */
const MOST_STALLS = 20;
/** Removal at once would make BullMQ forget the ids and accept a job twice. */
const KEEP_COMPLETED = { age: 3_600, count: 100_000 };
const KEEP_FAILED = { age: 24 * 3_600, count: 10_000 };

export interface RunWorkerOptions {
  readonly config: WorkerConfig;
  /** BullMQ copies it for its blocking connection. */
  readonly connection: RedisClient;
  /** For the work itself. */
  readonly redis: RedisClient;
  /** Awaited before each job. */
  readonly untilAllowed: () => Promise<void>;
  /** Called after each job that ended. */
  readonly onEnded: (result: "completed" | "failed") => void;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** A BullMQ worker at work, until it is closed. */
export interface RunningWorker {
  /** Takes no new jobs, waits for those it has up to a timeout, then lets go of its connections. */
  close(timeoutInMs: number): Promise<void>;
}

/**
 * Takes jobs from the queue and does them. Redis may be away, also at the start: the worker waits for it.
 * Nothing that happens to Redis ends the process.
 */
export function runWorker(options: RunWorkerOptions): RunningWorker {
  const { config, connection, redis, untilAllowed, onEnded, telemetry, log } = options;
  const worker = new Worker<unknown, JobResult>(
    config.queue,
    (job) =>
      trackJob(job, telemetry, (trackRedis) =>
        processJob(job, { redis, worker: config.name, untilAllowed, trackRedis }),
      ),
    {
      connection,
      prefix: config.prefix,
      concurrency: config.concurrency,
      lockDuration: config.lockDurationInMs,
      stalledInterval: STALLED_INTERVAL_IN_MS,
      maxStalledCount: MOST_STALLS,
      removeOnComplete: KEEP_COMPLETED,
      removeOnFail: KEEP_FAILED,
    },
  );
  worker.on("completed", () => onEnded("completed"));
  worker.on("failed", (job, error) => {
    onEnded("failed");
    log.warn("job-failed", { job: job?.id ?? null, error: error.message });
  });
  worker.on("stalled", (job) => log.info("job-stalled", { job }));
  // While Redis is away BullMQ reports each attempt; RedisWatch says what matters of it.
  worker.on("error", (error) => log.debug("worker-error", { error: error.message }));
  return {
    close: async (timeoutInMs) => {
      const closing = worker.close();
      // With Redis away it never settles, and after `disconnect` it may reject: either way we leave.
      await Promise.race([closing.catch(() => undefined), pause(timeoutInMs)]);
      connection.disconnect();
      redis.disconnect();
    },
  };
}
