import { Cluster, Redis } from "ioredis";
import { isIP } from "node:net";
import type { RedisPlace } from "../parse-redis-url.ts";
import type { ConnectOptions, RedisClient } from "./redis-client.ts";

/** Makes a client of the server, or of the cluster, at a place; it connects at once unless `lazyConnect` says not to. */
export function makeClient(place: RedisPlace, options: ConnectOptions): RedisClient {
  const { host, port, cluster } = place;
  if (!cluster) {
    return new Redis({ ...options, host, port, db: place.database, ...tlsOf(place) });
  }
  const { retryStrategy, lazyConnect = false, enableOfflineQueue = true, ...ofNodes } = options;
  return new Cluster([{ host, port }], {
    redisOptions: { ...ofNodes, ...tlsOf(place) },
    lazyConnect,
    enableOfflineQueue,
    ...(retryStrategy === undefined ? {} : { clusterRetryStrategy: retryStrategy }),
    // Not resolved beforehand: the name that was configured is what the certificate bears.
    dnsLookup: (address, callback) => callback(null, address),
  });
}

/** A cluster announces its nodes by address; their certificates bear the name that was configured. */
function tlsOf({ tls, host, cluster }: RedisPlace): ConnectOptions {
  if (!tls) {
    return {};
  }
  return { tls: cluster && isIP(host) === 0 ? { servername: host } : {} };
}
