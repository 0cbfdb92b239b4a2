export { type FeedRedis, type FeedRedisClient, type FeedRedisOptions } from "./connect-redis.ts";
export { type QueueCounts } from "./feed-queue.ts";
export { type JobFeed, MOST_JOBS_PER_SECOND } from "./job-feed.ts";
export { type JobLedger } from "./job-ledger.ts";
export { startJobFeed, type StartJobFeedOptions } from "./start-job-feed.ts";
