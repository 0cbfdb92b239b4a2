import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadConfig, WORKER_VARIABLES, type WorkerConfig } from "./load-config.ts";

function load(environment: Record<string, string>): WorkerConfig {
  return loadConfig(environment, { defaultName: "host-1" });
}

describe("loadConfig", () => {
  it("does the jobs of queue work of a local Redis unless told otherwise", () => {
    expect(load({})).toMatchObject({
      name: "host-1",
      queue: "work",
      prefix: "bull",
      concurrency: 4,
      lockDurationInMs: 8_000,
      redis: { host: "127.0.0.1", port: 6_379 },
      logLevel: "info",
    });
  });

  it("prefers a Redis of its own to that of the others", () => {
    const shared = { REDIS_URL: "redis://shared:6379" };
    expect(load(shared).redis).toMatchObject({ host: "shared" });
    const own = { ...shared, FLEETQUAKE_WORKER_REDIS_URL: "rediss://own:6380" };
    expect(load(own).redis).toMatchObject({ host: "own", port: 6_380, tls: true });
  });

  it("puts the prefix in braces in a cluster, where a queue needs one slot", () => {
    const cluster = { REDIS_HOST: "cache", REDIS_CLUSTER: "true" };
    expect(load(cluster).prefix).toBe("{bull}");
    expect(load({ ...cluster, FLEETQUAKE_WORKER_PREFIX: "a{b}" }).prefix).toBe("a{b}");
  });

  it("has no Redis when Redis is disabled", () => {
    expect(load({ REDIS_ENABLED: "false", REDIS_URL: "redis://shared:6379" }).redis).toBeNull();
  });

  it("names all mistakes together and no secret", () => {
    const wrong = {
      FLEETQUAKE_WORKER_QUEUE: "a:b",
      FLEETQUAKE_WORKER_CONCURRENCY: "0",
      FLEETQUAKE_WORKER_LOCK_MS: "fast",
      FLEETQUAKE_WORKER_REDIS_URL: "http://user:hunter2@host",
    };
    for (const name of Object.keys(wrong)) {
      expect(() => load(wrong)).toThrow(name);
    }
    expect(() => load(wrong)).toThrow(/^(?!.*hunter2)/s);
  });
});

describe("README.md", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

  it.each(Object.values(WORKER_VARIABLES))("has $name", ({ name, meaning, fallbackText }) => {
    expect(readme).toContain(`| \`${name}\` | ${meaning} | ${fallbackText} |`);
  });
});
