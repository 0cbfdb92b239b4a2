import { Redis, type Cluster, type RedisOptions } from "ioredis";

/** ioredis' options that say where the server is and who we are there. */
export type FeedRedisOptions = Omit<RedisOptions, "replyMapping">;

/** A client of one server, or of a cluster. */
export type FeedRedisClient = Redis | Cluster;

/**
 * Where Redis is and who we are there; or what makes a client of it, given how the feed wants each of them to behave.
 */
export type FeedRedis = FeedRedisOptions | ((options: FeedRedisOptions) => FeedRedisClient);

const CONNECTION_NAME = "fleetquake-job-feed";
const RECONNECT_LEAST_IN_MS = 50;
const RECONNECT_MOST_IN_MS = 200;
/** A server that is frozen or black-holed keeps a connection open and answers nothing. */
const REPLY_TIMEOUT_IN_MS = 5_000;

/**
 * A connection of the feed for commands. It repeats none: whatever was under way when it was cut is rejected, so that
 * its sender knows that the outcome is unknown, and nothing waits for a server that is away.
 */
export function connectRedis(place: FeedRedis, onError: (error: Error) => void): FeedRedisClient {
  const redis = makeClient(place, { maxRetriesPerRequest: 0, socketTimeout: REPLY_TIMEOUT_IN_MS });
  redis.on("error", onError);
  return redis;
}

/**
 * What BullMQ copies for its blocking reads; never connected itself. A copy sends again what was cut: the same read
 * from the same place.
 */
export function blockingRedisTemplate(place: FeedRedis): FeedRedisClient {
  return makeClient(place, { maxRetriesPerRequest: null, lazyConnect: true });
}

function makeClient(place: FeedRedis, own: FeedRedisOptions): FeedRedisClient {
  const options: FeedRedisOptions = {
    connectionName: CONNECTION_NAME,
    retryStrategy: () =>
      RECONNECT_LEAST_IN_MS + Math.random() * (RECONNECT_MOST_IN_MS - RECONNECT_LEAST_IN_MS),
    ...own,
  };
  return typeof place === "function" ? place(options) : new Redis({ ...options, ...place, ...own });
}
