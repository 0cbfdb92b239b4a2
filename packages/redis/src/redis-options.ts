import type { RedisOptions } from "ioredis";
import type { RedisPlace } from "./parse-redis-url.ts";

/** ioredis' options without the one that changes the type of replies. */
export type ConnectOptions = Omit<RedisOptions, "replyMapping">;

/** The part of ioredis' options that says where the server is and who we are there. */
export function redisOptionsOf(place: RedisPlace): ConnectOptions {
  return {
    host: place.host,
    port: place.port,
    db: place.database,
    ...(place.tls ? { tls: {} } : {}),
    ...(place.username === null ? {} : { username: place.username }),
    ...(place.password === null ? {} : { password: place.password.reveal() }),
  };
}

/** The server's address for logs: no user, no password. */
export function describeRedis(place: RedisPlace): string {
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return `${place.tls ? "rediss" : "redis"}://${host}:${place.port}/${place.database}`;
}
