import type { RedisPlace } from "./parse-redis-url.ts";

/** The server's address for logs: no user, no password. */
export function describeRedis(place: RedisPlace): string {
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return `${place.tls ? "rediss" : "redis"}://${host}:${place.port}/${place.database}`;
}
