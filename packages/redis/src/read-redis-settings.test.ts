import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { readRedisSettings, type RedisSettings } from "./read-redis-settings.ts";
import { describeRedis } from "./describe-redis.ts";

function read(environment: Record<string, string>): RedisSettings {
  const mistakes: string[] = [];
  const settings = readRedisSettings(environment, mistakes);
  expect(mistakes).toEqual([]);
  return settings;
}

function mistakesOf(environment: Record<string, string>): string[] {
  const mistakes: string[] = [];
  readRedisSettings(environment, mistakes);
  return mistakes;
}

describe("readRedisSettings", () => {
  it("has the original tool's defaults", () => {
    expect(read({})).toEqual({
      enabled: true,
      host: "127.0.0.1",
      port: 6_379,
      tls: false,
      username: null,
      password: null,
      database: 0,
      cluster: false,
      entra: null,
      maxConnections: 50,
      socketTimeoutInMs: 3_000,
      connectTimeoutInMs: 3_000,
      maxRetries: 1,
      backoffBaseInMs: 1_000,
      backoffCapInMs: 3_000,
    });
  });

  it("takes an empty variable for an unset one", () => {
    expect(read({ REDIS_PORT: "", REDIS_URL: " " })).toEqual(read({}));
  });

  it("reads seconds with fractions", () => {
    expect(read({ REDIS_SOCKET_TIMEOUT: "0.5" }).socketTimeoutInMs).toBe(500);
  });

  it("reads user, password, database and TLS from a URL, which wins over the parts", () => {
    const settings = read({
      REDIS_URL: "rediss://app:p%40ss@cache.example.com:10000/3",
      REDIS_HOST: "elsewhere",
    });
    expect(settings).toMatchObject({
      host: "cache.example.com",
      port: 10_000,
      database: 3,
      tls: true,
      username: "app",
      entra: null,
    });
    expect(settings.password?.reveal()).toBe("p@ss");
  });

  it("reads an IPv6 address from a URL", () => {
    const settings = read({ REDIS_URL: "redis://[::1]:7000" });
    expect(settings.host).toBe("::1");
    expect(describeRedis(settings)).toBe("redis://[::1]:7000/0");
  });

  it("shows no password in JSON, in inspected objects, in text, or in the address for logs", () => {
    const settings = read({ REDIS_URL: "redis://app:hunter2@cache" });
    const shown = [JSON.stringify(settings), inspect(settings), String(settings.password)];
    expect([...shown, describeRedis(settings)].join(" ")).not.toContain("hunter2");
  });

  it("names every mistake at once, and says what would be right", () => {
    const mistakes = mistakesOf({
      REDIS_PORT: "99999",
      REDIS_SSL: "perhaps",
      REDIS_SOCKET_TIMEOUT: "-1",
      REDIS_MAX_RETRIES: "1.5",
    });
    expect(mistakes).toEqual([
      'REDIS_PORT must be a whole number from 1 to 65535 (it is "99999")',
      'REDIS_SSL must be true or false (it is "perhaps")',
      'REDIS_SOCKET_TIMEOUT must be seconds from 0.05 to 600, for example 2.5 (it is "-1")',
      'REDIS_MAX_RETRIES must be a whole number from 0 to 20 (it is "1.5")',
    ]);
  });

  it("takes cluster mode with a URL or without, and refuses a database then", () => {
    expect(read({ REDIS_CLUSTER: "true" }).cluster).toBe(true);
    expect(read({ REDIS_CLUSTER: "true", REDIS_URL: "redis://x/0" }).cluster).toBe(true);
    expect(mistakesOf({ REDIS_CLUSTER: "true", REDIS_URL: "redis://x/2" })).toEqual([
      "REDIS_URL must name no database, or 0, with REDIS_CLUSTER: a cluster has one",
    ]);
  });

  it.each(["http://x", "redis://", "redis://x/a", "redis://x?family=6", "redis://x:y@/", "x:6379"])(
    "refuses the URL %s without repeating it",
    (url) => {
      const mistakes = mistakesOf({ REDIS_URL: url });
      expect(mistakes).toHaveLength(1);
      expect(mistakes[0]).toMatch(/^REDIS_URL must be redis:/);
      expect(mistakes[0]).not.toContain("it is");
    },
  );
});
