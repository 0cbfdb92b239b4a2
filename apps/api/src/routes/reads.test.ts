import { describe, expect, it } from "vitest";
import type { SampleStore } from "../ports/sample-store.ts";
import { makeTestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";
import { entryOf } from "../testing/scripted-fleet.ts";

/** A Redis that fails or answers nothing. */
const broken: SampleStore = { run: () => Promise.reject(new Error("connect ECONNREFUSED")) };

describe("GET /chaos/status", () => {
  it("is the coordinator's, and with ?scope=fleet too", async () => {
    const { app, fleet } = makeTestApp();
    expect((await app.inject({ url: "/chaos/status" })).json()).toEqual(fleet.status());
    const scoped = await app.inject({ url: "/chaos/status?scope=fleet" });
    expect(scoped.json()).toEqual(fleet.status());
  });

  it("with ?scope=local is this process alone, counted by its own agent", async () => {
    const { app } = makeTestApp();
    const answer = await app.inject({ url: "/chaos/status?scope=local" });
    expect(answer.json()).toMatchObject({
      fleet: { replicas: 1, active: 1, stale: 0, left: 0 },
      redis: { connected: true, connection_count: 3, last_reset: "2026-01-01T00:00:00.000Z" },
      replicas: [{ replica_id: "api-1", redis: { connection_count: 3 } }],
    });
    expect(answer.json().replicas).toHaveLength(1);
  });

  it("with ?scope=local answers before the fleet knows of this process", async () => {
    const { app, fleet } = makeTestApp();
    fleet.roster = [];
    const answer = await app.inject({ url: "/chaos/status?scope=local" });
    expect(answer.json()).toMatchObject({
      redis: { connection_count: 3, last_reset: null },
      replicas: [{ replica_id: "api-1", role: "api", labels: { zone: "1" }, state: "active" }],
    });
  });

  it.each(["scope=all", "scope=", "scope=local&scope=local", "scop=local"])(
    "refuses ?%s by name",
    async (query) => {
      const { app } = makeTestApp();
      const answer = await app.inject({ url: `/chaos/status?${query}` });
      const problem = readProblem(answer, "VALIDATION_FAILED");
      expect(problem.errors?.[0]?.path).toBe(query.split("=", 1)[0]);
    },
  );
});

describe("GET /chaos/replicas", () => {
  it("lists the roster, and shows one replica by its id", async () => {
    const { app, fleet } = makeTestApp();
    expect((await app.inject({ url: "/chaos/replicas" })).json()).toEqual({
      replicas: fleet.roster,
    });
    const one = await app.inject({ url: "/chaos/replicas/worker-1" });
    expect(one.json()).toEqual(fleet.roster[0]);
  });

  it("answers 404 that names an unknown id", async () => {
    const { app } = makeTestApp();
    const answer = await app.inject({ url: "/chaos/replicas/no%2Fbody" });
    expect(readProblem(answer, "UNKNOWN_REPLICA").detail).toContain("no/body");
  });
});

describe("GET /chaos/commands", () => {
  it("pages through the ledger", async () => {
    const { app, fleet } = makeTestApp();
    fleet.entries = [entryOf()];
    fleet.next = "01NEXT";
    const page = await app.inject({ url: "/chaos/commands?limit=5&before=01PREVIOUS" });
    expect(page.json()).toEqual({ commands: [entryOf()], next: "01NEXT" });
    await app.inject({ url: "/chaos/commands" });
    expect(fleet.pages).toEqual([{ limit: 5, before: "01PREVIOUS" }, { limit: 20 }]);
  });

  it.each(["limit=0", "limit=101", "limit=a", "limit=1.5", "before=", "after=x"])(
    "refuses ?%s by name",
    async (query) => {
      const { app } = makeTestApp();
      expect(
        readProblem(await app.inject({ url: `/chaos/commands?${query}` }), "VALIDATION_FAILED")
          .code,
      ).toBe("VALIDATION_FAILED");
    },
  );

  it("shows one entry, and answers 404 for one that is not remembered", async () => {
    const { app, fleet } = makeTestApp();
    fleet.entries = [entryOf()];
    expect((await app.inject({ url: "/chaos/commands/01COMMAND" })).json()).toEqual(entryOf());
    expect(
      readProblem(await app.inject({ url: "/chaos/commands/01OTHER" }), "UNKNOWN_COMMAND").code,
    ).toBe("UNKNOWN_COMMAND");
  });
});

describe("the sample and the probes without a server", () => {
  it("say that Redis is unavailable and healthy where it is disabled", async () => {
    const { app } = makeTestApp();
    const sample = await app.inject({ url: "/" });
    expect(sample.statusCode).toBe(200);
    expect(sample.json()).toMatchObject({ redis_data: "Redis unavailable" });
    const health = await app.inject({ url: "/health" });
    expect(health.statusCode).toBe(200);
    expect(health.json()).toEqual({
      status: "healthy",
      redis: { connected: false, latency_ms: null },
      timestamp: "2026-01-01T00:00:00.000Z",
    });
    expect((await app.inject({ url: "/readyz" })).json()).toMatchObject({
      status: "ready",
      redis: null,
    });
  });

  it("fail with 503 and the cause where it cannot be reached", async () => {
    const { app } = makeTestApp({ store: broken });
    const problem = readProblem(await app.inject({ url: "/" }), "REDIS_OPERATION_FAILED");
    expect(problem.detail).toBe("Redis operation failed: connect ECONNREFUSED");
    for (const url of ["/health", "/readyz"]) {
      const answer = await app.inject({ url });
      expect(answer.statusCode).toBe(503);
      expect(answer.headers["retry-after"]).toBe("1");
      expect(answer.json()["status"]).toMatch(/^(unhealthy|not_ready)$/);
    }
    expect((await app.inject({ url: "/livez" })).statusCode).toBe(200);
  });

  it.each([
    [{ busConnected: false, roster: "ready" }],
    [{ busConnected: true, roster: "warming" }],
  ] as const)("/readyz is 503 with %j", async (ready) => {
    const { app, fleet } = makeTestApp();
    fleet.ready = ready;
    const answer = await app.inject({ url: "/readyz" });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: "not_ready",
      bus: { connected: ready.busConnected },
      roster: ready.roster,
    });
  });

  it("/readyz is 503 until this process itself is on the roster", async () => {
    const { app, fleet } = makeTestApp();
    fleet.roster = [];
    const answer = await app.inject({ url: "/readyz" });
    expect([answer.statusCode, answer.json()["roster"]]).toEqual([503, "warming"]);
  });
});
