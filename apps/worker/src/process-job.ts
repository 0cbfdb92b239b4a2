import type { Job } from "bullmq";
import type { Redis } from "ioredis";

const KEY_PREFIX = "fleetquake:work";
const KEPT_SECONDS = 3_600;

/** What a job of queue `work` returns. */
export interface JobResult {
  /** Which worker did it. */
  readonly worker: string;
  /** How many jobs all workers together have done, this one included; counts an attempt that is repeated again. */
  readonly total: number;
}

/**
 * Does the work of one job: a read and two writes over a connection of its own, so that a reset meets commands in
 * flight. A job that is cut off fails or stalls, and BullMQ runs it again.
 */
export async function processJob(
  job: Pick<Job, "id">,
  options: { readonly redis: Redis; readonly worker: string },
): Promise<JobResult> {
  const { redis, worker } = options;
  await redis.get(`${KEY_PREFIX}:last`);
  const total = await redis.incr(`${KEY_PREFIX}:total`);
  await redis.set(`${KEY_PREFIX}:last`, `${worker} ${job.id}`, "EX", KEPT_SECONDS);
  return { worker, total };
}
