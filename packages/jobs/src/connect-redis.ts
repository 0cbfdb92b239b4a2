import { Redis, type RedisOptions } from "ioredis";

/** ioredis' options that say where the server is and who we are there. */
export type FeedRedisOptions = Omit<RedisOptions, "replyMapping">;

const CONNECTION_NAME = "fleetquake-job-feed";
const RECONNECT_LEAST_IN_MS = 50;
const RECONNECT_MOST_IN_MS = 200;
/** A server that is frozen or black-holed keeps a connection open and answers nothing. */
const REPLY_TIMEOUT_IN_MS = 5_000;

/**
 * A connection of the feed for commands. It repeats none: whatever was under way when it was cut is rejected, so that
 * its sender knows that the outcome is unknown, and nothing waits for a server that is away.
 */
export function connectRedis(options: FeedRedisOptions, onError: (error: Error) => void): Redis {
  const redis = new Redis({
    ...commonOptions(options),
    maxRetriesPerRequest: 0,
    socketTimeout: REPLY_TIMEOUT_IN_MS,
  });
  redis.on("error", onError);
  return redis;
}

/**
 * What BullMQ copies for its blocking reads; never connected itself. A copy sends again what was cut: the same read
 * from the same place.
 */
export function blockingRedisTemplate(options: FeedRedisOptions): Redis {
  return new Redis({ ...commonOptions(options), maxRetriesPerRequest: null, lazyConnect: true });
}

function commonOptions(options: FeedRedisOptions): FeedRedisOptions {
  return {
    connectionName: CONNECTION_NAME,
    ...options,
    retryStrategy: () =>
      RECONNECT_LEAST_IN_MS + Math.random() * (RECONNECT_MOST_IN_MS - RECONNECT_LEAST_IN_MS),
  };
}
