import type { Job } from "bullmq";
import type { RedisClient } from "@fleetquake/redis";
import { RUN_SCRIPT } from "./run-script.ts";
import type { TrackRedis } from "./track-job.ts";

const KEPT_SECONDS = 3_600;

/** What a job of queue `work` returns. */
export interface JobResult {
  /** Which worker did it. */
  readonly worker: string;
  /** How many jobs all workers of the queue together have done, this one included; counts a repeated run again. */
  readonly total: number;
  /** Which run of this job's work it was: above 1 the work was done before, and its end did not reach the queue. */
  readonly run: number;
}

/** Thrown when a job is no longer this worker's: it was taken for stalled, and its work was not done here. */
class LostJobError extends Error {
  override readonly name = "LostJobError";
}

export interface ProcessJobOptions {
  readonly redis: RedisClient;
  /** How this worker signs its work. */
  readonly worker: string;
  /** Resolves when the job may begin. */
  readonly untilAllowed: () => Promise<void>;
  /** Told of the part that is Redis's. */
  readonly trackRedis: TrackRedis;
}

/**
 * Does the work of one job: a read, then a count and two writes in one step, over a connection of its own, so that a
 * reset meets commands in flight. A job that is cut off fails or stalls, and BullMQ runs it again.
 *
 * The client sends again what a reset has cut off, so the step is taken once for each start of the job; and only while
 * the job is locked by this worker: so the run that completes it is the last one, and its number is that of all. While
 * it may not begin it stays active, and BullMQ renews its lock.
 * @throws LostJobError when somebody else has the job by now; BullMQ then leaves it as it is.
 */
export async function processJob(
  job: Pick<Job, "id" | "token" | "attemptsStarted" | "queueQualifiedName">,
  { redis, worker, untilAllowed, trackRedis }: ProcessJobOptions,
): Promise<JobResult> {
  await untilAllowed();
  return trackRedis(() => doWork(job, { redis, worker }));
}

async function doWork(
  job: Pick<Job, "id" | "token" | "attemptsStarted" | "queueQualifiedName">,
  { redis, worker }: Pick<ProcessJobOptions, "redis" | "worker">,
): Promise<JobResult> {
  const ofQueue = `${job.queueQualifiedName}:fleetquake`;
  const ofJob = `${job.queueQualifiedName}:${job.id}`;
  await redis.get(`${ofQueue}:last`);
  const keys = [ofJob, `${ofJob}:lock`, `${ofQueue}:total`, `${ofQueue}:last`];
  const [run, total] = readReply(
    await redis.eval(
      RUN_SCRIPT,
      keys.length,
      ...keys,
      job.token ?? "",
      job.attemptsStarted,
      `${worker} ${job.id}`,
      KEPT_SECONDS,
    ),
  );
  if (run === undefined || total === undefined) {
    throw new LostJobError(`job ${job.id} is no longer this worker's`);
  }
  return { worker, total, run };
}

function readReply(reply: unknown): readonly number[] {
  return Array.isArray(reply) ? reply.map(Number) : [];
}
