import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type {
  CommandPage,
  FleetStatus,
  HealthAnswer,
  LedgerEntry,
  Problem,
  RedisResetAnswer,
  SampleAnswer,
} from "@fleetquake/contract";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { requestJson, type RequestJsonOptions } from "../support/request-json.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";
import { startBrokerProcess, type StartedBrokerProcess } from "../support/start-broker-process.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

const cleanups: AsyncDisposable[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) {
    await cleanup[Symbol.asyncDispose]();
  }
});

interface World {
  readonly redis: StartedRedis;
  readonly broker: StartedBrokerProcess;
  readonly api: StartedApiProcess;
}

/** A fleet of one: Redis, a broker, and an API whose roster is warm. */
async function startWorld(environment: Record<string, string> = {}): Promise<World> {
  const [redis, broker] = await Promise.all([startRedis(), startBrokerProcess()]);
  cleanups.push(redis, broker);
  const api = await startApiProcess({
    REDIS_URL: redis.url,
    FLEETQUAKE_BUS_CONNECTION_STRING: broker.connectionString,
    FLEETQUAKE_REPLICA_ID: "api-under-test",
    ...environment,
  });
  cleanups.push(api);
  await until(async () => (await ask(api, "/readyz")).status === 200, 20_000);
  return { redis, broker, api };
}

function ask<T>(
  api: StartedApiProcess,
  path: string,
  options: RequestJsonOptions = {},
): ReturnType<typeof requestJson<T>> {
  return requestJson<T>(`${api.url}${path}`, options);
}

/** The ids under which the server knows the sample's connections. */
async function sampleIds(redis: StartedRedis): Promise<readonly string[]> {
  const admin = new Redis(redis.url);
  const list = String(await admin.client("LIST"));
  admin.disconnect();
  const rows = list.split("\n").filter((row) => row.includes("name=fleetquake-sample"));
  return rows.map((row) => /id=(\d+)/.exec(row)?.[1] ?? "");
}

/** As many requests at once as connections are wanted. */
async function fillPool(api: StartedApiProcess, requests: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: requests }, () => ask(api, "/")));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
}

function report(what: string, tookInMs: number): void {
  process.stdout.write(`${what}: ${Math.round(tookInMs)} ms\n`);
}

describe("an API that is a fleet of one", () => {
  it("resets its own connections, counts them, works at once, and is refused until the cool-down has passed", async () => {
    const { api, redis } = await startWorld({ FLEETQUAKE_RESET_COOLDOWN_MS: "1500" });
    await fillPool(api, 12);
    const count = async (): Promise<number> => {
      const { body } = await ask<FleetStatus>(api, "/chaos/status?scope=local");
      return body.redis.connection_count;
    };
    // A connection stands before the server has been told its name.
    await until(async () => (await sampleIds(redis)).length === (await count()));
    const held = await count();
    const idsBefore = await sampleIds(redis);
    expect(held).toBeGreaterThan(1);

    const reset = await ask<RedisResetAnswer>(api, "/chaos/redis-reset", { method: "POST" });
    expect(reset.status).toBe(200);
    expect(reset.body).toMatchObject({
      status: "redis_connections_reset",
      outcome: "complete",
      connections_closed: held,
      fleet: { expected: 1, acknowledged: 1 },
      replicas: [{ replica_id: "api-under-test", role: "api", state: "acknowledged" }],
    });
    expect((await ask<SampleAnswer>(api, "/")).status).toBe(200);
    const idsAfter = await sampleIds(redis);
    expect(idsBefore.filter((id) => idsAfter.includes(id))).toEqual([]);

    const refused = await ask<Problem>(api, "/chaos/redis-reset", { method: "POST" });
    expect(refused.status).toBe(429);
    expect(refused.body.detail).toContain(reset.body.command_id);
    const waitInMs = Number(refused.body["retry_after_ms"]);
    expect(waitInMs).toBeLessThanOrEqual(1_500);
    await until(async () => {
      const { body } = await ask<FleetStatus>(api, "/chaos/status");
      return !body.cool_down.active;
    });
    const later = { method: "POST", headers: { prefer: "respond-async" } };
    const accepted = await ask<{ command_id: string }>(api, "/chaos/redis-reset", later);
    expect(accepted.status).toBe(202);
    await until(async () => {
      const { body } = await ask<LedgerEntry>(api, String(accepted.headers.location));
      return body.outcome === "complete";
    });
    const page = await ask<CommandPage>(api, "/chaos/commands?limit=1");
    expect(page.body.commands.map((entry) => entry.command_id)).toEqual([accepted.body.command_id]);
    const next = await ask<CommandPage>(api, `/chaos/commands?before=${page.body.next}`);
    expect(next.body.commands.map((entry) => entry.command_id)).toEqual([reset.body.command_id]);
  });

  it("resets connections over TLS", async () => {
    const redis = await startRedis({ tls: true });
    cleanups.push(redis);
    const caPath = join(await mkdtemp(join(tmpdir(), "fleetquake-api-")), "ca.pem");
    await writeFile(caPath, redis.ca ?? "");
    const { api } = await startWorld({
      REDIS_URL: `rediss://127.0.0.1:${redis.tlsPort}`,
      NODE_EXTRA_CA_CERTS: caPath,
    });
    await fillPool(api, 6);
    const before = await ask<FleetStatus>(api, "/chaos/status?scope=local");
    const reset = await ask<RedisResetAnswer>(api, "/chaos/redis-reset", { method: "POST" });
    expect(reset.body.connections_closed).toBe(before.body.redis.connection_count);
    expect([reset.status, (await ask(api, "/")).status]).toEqual([200, 200]);
    await rm(dirname(caPath), { recursive: true });
  });

  it("has as many connections after a reset as before it", async () => {
    const { api } = await startWorld();
    await fillPool(api, 12);
    const count = async (): Promise<number> => {
      const { body } = await ask<FleetStatus>(api, "/chaos/status?scope=local");
      return body.redis.connection_count;
    };
    const before = await count();
    await ask(api, "/chaos/redis-reset", { method: "POST" });
    await until(async () => (await count()) === before, 6_000);
    expect(await count()).toBe(before);
  });

  it("drains without a failed request", async () => {
    const { api } = await startWorld();
    const over = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      const statuses: number[] = [];
      while (!over.signal.aborted) {
        statuses.push((await ask(api, "/")).status);
      }
      return statuses;
    });
    const body = { force: false, drain_timeout_ms: 2_000 };
    const reset = await ask<RedisResetAnswer>(api, "/chaos/redis-reset", { method: "POST", body });
    over.abort();
    expect(reset.status).toBe(200);
    expect(new Set((await Promise.all(load)).flat())).toEqual(new Set([200]));
  });

  it("tells by dry_run what would happen, and does not touch a connection", async () => {
    const { api } = await startWorld();
    await fillPool(api, 4);
    const body = { dry_run: true };
    const tried = await ask(api, "/chaos/redis-reset", { method: "POST", body });
    expect(tried.body).toMatchObject({
      status: "dry_run",
      connections_closed: 0,
      would_be_refused: null,
      fleet: { expected: 1 },
    });
    const { body: status } = await ask<FleetStatus>(api, "/chaos/status");
    expect(status.redis.last_reset).toBeNull();
  });

  it("answers 404 for a target that matches nobody, and names a replica that is unknown", async () => {
    const { api } = await startWorld();
    const aim = (target: object): ReturnType<typeof ask<Problem>> =>
      ask<Problem>(api, "/chaos/redis-reset", { method: "POST", body: { target } });
    const nobody = await aim({ role: "nobody" });
    expect([nobody.status, nobody.body.code]).toEqual([404, "CHAOS_NO_TARGETS"]);
    const unknown = await aim({ replicas: ["api-under-test", "ghost"] });
    expect([unknown.status, unknown.body.code]).toEqual([404, "UNKNOWN_REPLICA"]);
    expect(unknown.body.detail).toContain("ghost");
  });
});

describe("Redis and the bus in trouble", () => {
  it("answers health and status within a second while Redis is stopped, resets all the same, and recovers", async () => {
    const { api, redis } = await startWorld();
    await fillPool(api, 4);
    process.kill(redis.pid, "SIGSTOP");
    try {
      for (const path of ["/health", "/chaos/status", "/livez", "/health"]) {
        const answer = await ask<HealthAnswer>(api, path);
        report(`${path} while Redis is stopped`, answer.durationInMs);
        expect(answer.durationInMs).toBeLessThan(3_000);
        expect(answer.status).toBe(path === "/health" ? 503 : 200);
      }
      const reset = await ask<RedisResetAnswer>(api, "/chaos/redis-reset", { method: "POST" });
      expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
      const sample = await ask<Problem>(api, "/");
      expect(sample.status).toBe(503);
      expect(sample.body.detail).toMatch(/^Redis operation failed: ./);
    } finally {
      process.kill(redis.pid, "SIGCONT");
    }
    await until(async () => (await ask(api, "/")).status === 200);
    await until(async () => (await ask(api, "/health")).status === 200);
    expect((await ask<HealthAnswer>(api, "/health")).body.redis?.connected).toBe(true);
  });

  it("starts without Redis and works once it is there", async () => {
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    const broker = await startBrokerProcess();
    cleanups.push(broker);
    const api = await startApiProcess({
      REDIS_URL: url,
      REDIS_BACKOFF_BASE: "0.1",
      FLEETQUAKE_BUS_CONNECTION_STRING: broker.connectionString,
    });
    cleanups.push(api);
    const failed = await ask<Problem>(api, "/");
    expect(failed.status).toBe(503);
    expect(failed.body.detail).toBe(
      `Redis operation failed: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    expect((await ask(api, "/health")).status).toBe(503);
    await until(async () => {
      const { body } = await ask<FleetStatus>(api, "/chaos/status");
      return body.roster === "ready";
    }, 20_000);
    const reset = await ask<RedisResetAnswer>(api, "/chaos/redis-reset", { method: "POST" });
    expect([reset.status, reset.body.connections_closed]).toEqual([200, 0]);
    cleanups.push(await startRedis({ port }));
    await until(async () => (await ask(api, "/")).status === 200);
    const sample = await ask<SampleAnswer>(api, "/");
    expect(sample.body.redis_data).toMatch(/^Data created at \d{4}-.*Z$/);
  });

  it("refuses resets with 503 while the broker is down, and takes them once it is back", async () => {
    const { api, broker } = await startWorld({ FLEETQUAKE_RESET_COOLDOWN_MS: "0" });
    await broker.kill();
    await until(async () => (await ask(api, "/readyz")).status === 503);
    const refused = await ask<Problem>(api, "/chaos/redis-reset", { method: "POST" });
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toMatch(/^\d+$/);
    expect((await ask(api, "/")).status).toBe(200);
    await broker.start();
    await until(async () => (await ask(api, "/readyz")).status === 200, 20_000);
    const reset = await ask<RedisResetAnswer>(api, "/chaos/redis-reset", { method: "POST" });
    expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
  });

  it("says that the client is not initialized where Redis is disabled", async () => {
    const { api } = await startWorld({ REDIS_ENABLED: "false" });
    const reset = await ask<Problem>(api, "/chaos/redis-reset", { method: "POST" });
    expect([reset.status, reset.body.code]).toEqual([503, "REDIS_NOT_INITIALIZED"]);
    expect(reset.body.detail).toContain("Redis client not initialized");
    expect((await ask<SampleAnswer>(api, "/")).body.redis_data).toBe("Redis unavailable");
    expect((await ask(api, "/health")).status).toBe(200);
  });
});

describe("the end", () => {
  it("answers a collecting reset with what is known, says goodbye and exits with 0 within 5 s", async () => {
    const world = await startWorld();
    const second = await startApiProcess({
      REDIS_URL: world.redis.url,
      FLEETQUAKE_BUS_CONNECTION_STRING: world.broker.connectionString,
      FLEETQUAKE_REPLICA_ID: "api-frozen",
    });
    cleanups.push(second);
    await until(async () => {
      const { body } = await ask<FleetStatus>(world.api, "/chaos/status");
      return body.fleet.active === 2;
    });
    second.child.kill("SIGSTOP");
    const reset = ask<RedisResetAnswer>(world.api, "/chaos/redis-reset", {
      method: "POST",
      body: { deadline_ms: 60_000 },
    });
    await until(async () => {
      const { body } = await ask<CommandPage>(world.api, "/chaos/commands");
      return body.commands[0]?.fleet.acknowledged === 1;
    });
    const startedAtInMs = performance.now();
    world.api.child.kill("SIGTERM");
    const [exited, answer] = await Promise.all([once(world.api.child, "exit"), reset]);
    const tookInMs = performance.now() - startedAtInMs;
    report("the API ended", tookInMs);
    expect(tookInMs).toBeLessThan(5_000);
    expect(exited[0]).toBe(0);
    expect(answer.status).toBe(207);
    expect(
      answer.body.replicas.map(({ state }) => state).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(["acknowledged", "silent"]);
  });

  it("does not wait for requests that wait for Redis: they fail, and the API exits with 0 within 5 s", async () => {
    const { api, redis } = await startWorld();
    await fillPool(api, 2);
    process.kill(redis.pid, "SIGSTOP");
    const stuck = ask<Problem>(api, "/");
    await ask(api, "/livez");
    const startedAtInMs = performance.now();
    api.child.kill("SIGTERM");
    const [exited, answer] = await Promise.all([once(api.child, "exit"), stuck]);
    const tookInMs = performance.now() - startedAtInMs;
    report("the API ended while Redis is stopped", tookInMs);
    expect([exited[0], answer.status]).toEqual([0, 503]);
    expect(tookInMs).toBeLessThan(5_000);
  });

  it("comes when the launcher's channel closes", async () => {
    const { api } = await startWorld();
    const exited = once(api.child, "exit");
    api.child.disconnect();
    expect((await exited)[0]).toBe(0);
  });
});

describe("a start that cannot be", () => {
  it("names every mistake of the environment and ends with 1", async () => {
    const start = startApiProcess({
      FLEETQUAKE_HOST: "0.0.0.0",
      APP_PORT: "x",
      REDIS_CLUSTER: "maybe",
      FLEETQUAKE_BUS_CONNECTION_STRING:
        "Endpoint=sb://x;SharedAccessKeyName=n;SharedAccessKey=hunter2;",
    });
    await expect(start).rejects.toThrow(/APP_PORT must be[^]*REDIS_CLUSTER must be/);
    await expect(start).rejects.toThrow(/FLEETQUAKE_HOST must be a loopback address/);
    await expect(start).rejects.not.toThrow(/hunter2/);
  });

  it("says that the port is taken", async () => {
    const { api, broker } = await startWorld({ REDIS_ENABLED: "false" });
    const start = startApiProcess({
      APP_PORT: String(api.port),
      REDIS_ENABLED: "false",
      FLEETQUAKE_BUS_CONNECTION_STRING: broker.connectionString,
    });
    await expect(start).rejects.toThrow(
      new RegExp(`EADDRINUSE.*127.0.0.1:${api.port}.*choose another port with APP_PORT`),
    );
  });
});
