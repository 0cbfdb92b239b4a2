import { silentLog, systemClock, type Log } from "@fleetquake/contract";
import { BullQueue } from "./bull-queue.ts";
import type { FeedRedis } from "./connect-redis.ts";
import { JobFeed } from "./job-feed.ts";

export interface StartJobFeedOptions {
  /** Where Redis is and who we are there, as ioredis takes it; or a maker of clients, for example of a cluster. */
  readonly redis: FeedRedis;
  /** @default "work", the workers' */
  readonly queue?: string;
  /** BullMQ's key prefix. @default "bull" */
  readonly prefix?: string;
  /** 0 to 10,000; 0 adds nothing, and opens nothing, until `start`. @default 0 */
  readonly jobsPerSecond?: number;
  /** Interruptions at debug. @default nobody */
  readonly log?: Log;
}

/**
 * Makes a feed of jobs and starts it at a rate. Returns at once: with Redis away it begins when Redis is there.
 * @throws RangeError for a rate that is not within 0 and 10,000 a second.
 */
export function startJobFeed(options: StartJobFeedOptions): JobFeed {
  const { log = silentLog, redis, queue = "work", prefix = "bull" } = options;
  const clock = systemClock;
  const onError = (error: Error): void => log.debug("job-feed-error", { error: error.message });
  const nowInMs = (): number => clock.nowInMs();
  const feed = new JobFeed({
    queue: new BullQueue({ redis, queue, prefix, nowInMs, onError }),
    clock,
    log,
  });
  feed.start(options.jobsPerSecond ?? 0);
  return feed;
}
