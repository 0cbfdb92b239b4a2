import type {
  HealthAnswer,
  LivenessAnswer,
  Problem,
  ReadinessAnswer,
  SampleAnswer,
} from "@fleetquake/contract";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectProblem } from "../support/expect-problem.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const DATA_KEY = "chaos_lab:data:sample";
const COUNTER_KEY = "chaos_lab:counter:requests";
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const MAX_CONNECTIONS = 5;

/** Promised within a second; asserted at three times that, since the machine may be busy. */
const HEALTH_BOUND_IN_MS = 3_000;

/** One fleet for all: one API, and a second one without Redis. */
let fleet: StartedFleet;
let redis: Redis;

beforeAll(async () => {
  fleet = await startFleet({
    replicas: 0,
    env: {
      REDIS_MAX_CONNECTIONS: `${MAX_CONNECTIONS}`,
      REDIS_BACKOFF_BASE: "0.1",
      REDIS_SOCKET_TIMEOUT: "1",
      REDIS_SOCKET_CONNECT_TIMEOUT: "1",
    },
  });
  await fleet.startApi({ REDIS_ENABLED: "false" });
  await fleet.waitForRoster();
  redis = new Redis(fleet.redisUrl, { connectionName: "test-inspector" });
});

afterAll(async () => {
  redis?.disconnect();
  await fleet?.[Symbol.asyncDispose]();
});

describe("GET /", () => {
  it("sets the sample when it is absent, counts requests, and says what it read", async () => {
    await redis.del(DATA_KEY, COUNTER_KEY);
    const first = await fleet.get<SampleAnswer>("/");
    expect(first.status).toBe(200);
    expect(Object.keys(first.body).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "message",
      "redis_data",
      "timestamp",
    ]);
    expect(first.body.redis_data).toMatch(/^Data created at \d{4}-.*Z$/);
    expect(first.body.timestamp).toMatch(TIMESTAMP);
    expect(await redis.get(DATA_KEY)).toBe(first.body.redis_data);
    await Promise.all(Array.from({ length: 9 }, () => fleet.get("/")));
    expect(await redis.get(COUNTER_KEY)).toBe("10");
  });

  it("shows what somebody else has put there", async () => {
    await redis.set(DATA_KEY, "other data");
    expect((await fleet.get<SampleAnswer>("/")).body.redis_data).toBe("other data");
  });

  it("holds no more than REDIS_MAX_CONNECTIONS connections", async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => fleet.get("/")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await fleet.clientIds()).length).toBeLessThanOrEqual(MAX_CONNECTIONS);
  });

  it("says that Redis is unavailable where it is disabled, and that is healthy", async () => {
    const sample = await fleet.get<SampleAnswer>("/", { api: 1 });
    expect([sample.status, sample.body.redis_data]).toEqual([200, "Redis unavailable"]);
    const health = await fleet.get<HealthAnswer>("/health", { api: 1 });
    expect([health.status, health.body.status]).toEqual([200, "healthy"]);
    expect(health.body.redis).toEqual({ connected: false, latency_ms: null });
    const ready = await fleet.get<ReadinessAnswer>("/readyz", { api: 1 });
    expect([ready.status, ready.body.redis]).toEqual([200, null]);
  });
});

describe("health, liveness and readiness", () => {
  it("have the contract's bodies while all is well", async () => {
    const health = await fleet.get<HealthAnswer>("/health");
    expect(health.status).toBe(200);
    expect(health.body).toEqual({
      status: "healthy",
      redis: { connected: true, latency_ms: expect.any(Number) },
      timestamp: expect.stringMatching(TIMESTAMP),
    });
    const live = await fleet.get<LivenessAnswer>("/livez");
    expect([live.status, live.body.status]).toEqual([200, "alive"]);
    const ready = await fleet.get<ReadinessAnswer>("/readyz");
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({
      status: "ready",
      bus: { connected: true },
      roster: "ready",
      redis: { connected: true },
    });
  });

  it("say within a second that Redis stands still, GET / says why it failed, and all recover by themselves", async () => {
    fleet.redis.signal("SIGSTOP");
    try {
      const health = await fleet.get<HealthAnswer>("/health");
      process.stdout.write(
        `/health of a black-holed Redis: ${Math.round(health.durationInMs)} ms\n`,
      );
      expect(health.durationInMs).toBeLessThan(HEALTH_BOUND_IN_MS);
      expect([health.status, health.body.status]).toEqual([503, "unhealthy"]);
      expect(health.body.redis).toEqual({ connected: false, latency_ms: null });
      const ready = await fleet.get<ReadinessAnswer>("/readyz");
      expect([ready.status, ready.body.status]).toEqual([503, "not_ready"]);
      expect((await fleet.get("/livez")).status).toBe(200);
      const failed = await fleet.get<Problem>("/");
      const { detail } = expectProblem(failed, "REDIS_OPERATION_FAILED", "/");
      expect(detail).toMatch(/^Redis operation failed: ./);
    } finally {
      fleet.redis.signal("SIGCONT");
    }
    for (const path of ["/", "/health", "/readyz"]) {
      await waitFor(async () => (await fleet.get(path)).status === 200, {
        what: `${path} that works again`,
        timeoutInMs: 15_000,
      });
    }
  });
});
