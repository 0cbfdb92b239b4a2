import type { RedisAccess, RedisClient } from "@fleetquake/redis";

/** BullMQ given plain options waits a second; after a reset the work shall go on at once, but not all in step. */
const RECONNECT_LEAST_IN_MS = 50;
const RECONNECT_MOST_IN_MS = 200;

export interface WorkerRedisOptions {
  readonly access: RedisAccess;
  readonly connectTimeoutInMs: number;
  /** Gets every error of the connection; ioredis would print those that nobody listens to. */
  readonly onError: (error: Error) => void;
}

/**
 * A connection as BullMQ needs it: commands wait in the offline queue for as long as Redis is away, none is given up.
 * Copies that BullMQ makes of it (for blocking) keep these options.
 */
export function createWorkerRedis(options: WorkerRedisOptions): RedisClient {
  const redis = options.access.connect({
    connectTimeout: options.connectTimeoutInMs,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    retryStrategy: reconnectDelayInMs,
  });
  redis.on("error", options.onError);
  return redis;
}

function reconnectDelayInMs(): number {
  return RECONNECT_LEAST_IN_MS + Math.random() * (RECONNECT_MOST_IN_MS - RECONNECT_LEAST_IN_MS);
}
