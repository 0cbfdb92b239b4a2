import { Cluster, Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import type { RedisPlace } from "../parse-redis-url.ts";
import { makeClient } from "./make-client.ts";

const place: RedisPlace = {
  host: "fleet.westeurope.redis.azure.net",
  port: 10_000,
  tls: true,
  username: null,
  password: null,
  database: 0,
  cluster: true,
  entra: null,
};

function clusterOf(at: RedisPlace): Cluster {
  const client = makeClient(at, { lazyConnect: true, retryStrategy: () => 7 });
  if (!(client instanceof Cluster)) {
    throw new TypeError("no client of a cluster");
  }
  return client;
}

describe("makeClient", () => {
  it("checks the certificate of a cluster's nodes, which go by address, against the configured name", () => {
    expect(clusterOf(place).options.redisOptions?.tls).toEqual({
      servername: "fleet.westeurope.redis.azure.net",
    });
    // An address is no server name (RFC 6066).
    expect(clusterOf({ ...place, host: "10.0.0.4" }).options.redisOptions?.tls).toEqual({});
    expect(clusterOf({ ...place, tls: false }).options.redisOptions?.tls).toBeUndefined();
  });

  it("lets the way of reconnecting count for the whole cluster", () => {
    expect(clusterOf(place).options.clusterRetryStrategy?.(1)).toBe(7);
  });

  it("makes a client of one server otherwise", () => {
    const client = makeClient({ ...place, cluster: false, database: 3 }, { lazyConnect: true });
    expect(client).toBeInstanceOf(Redis);
    expect(client.options).toMatchObject({ host: place.host, port: 10_000, db: 3, tls: {} });
  });
});
