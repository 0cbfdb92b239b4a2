import type { Cluster, Redis, RedisOptions } from "ioredis";

/** A client of one server, or of a cluster. */
export type RedisClient = Redis | Cluster;

/** ioredis' options without the one that changes the type of replies. */
export type ConnectOptions = Omit<RedisOptions, "replyMapping">;
