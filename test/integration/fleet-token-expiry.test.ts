import type { CommandAnswer, FleetStatus, Problem, RedisResetAnswer } from "@fleetquake/contract";
import { startBroker, type RunningBroker } from "@fleetquake/servicebus-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestJson, type JsonAnswer } from "../support/request-json.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";
import {
  startManagedIdentity,
  type StartedManagedIdentity,
} from "../support/start-managed-identity.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { waitFor } from "../support/wait-for.ts";

const EXPIRY = "/chaos/redis-token-expiry";
const API = { target: { role: "api" } };

/** An API whose own connections use Entra ID, and one whose connections do not, in one fleet. */
let broker: RunningBroker;
let redis: StartedRedis;
let plainRedis: StartedRedis;
let identity: StartedManagedIdentity;
let api: StartedApiProcess;
let plain: StartedApiProcess;

beforeAll(async () => {
  [broker, redis, plainRedis] = await Promise.all([startBroker(), startRedis(), startRedis()]);
  identity = await startManagedIdentity({ ports: [redis.port], lifeInSeconds: 600 });
  const common = {
    FLEETQUAKE_BUS_CONNECTION_STRING: broker.connectionString,
    FLEETQUAKE_ALLOW: "redis-reset,token-expiry",
    FLEETQUAKE_RESET_COOLDOWN_MS: "0",
    LOG_LEVEL: "debug",
    REDIS_BACKOFF_BASE: "0.05",
  };
  api = await startApiProcess({
    ...common,
    ...identity.env,
    FLEETQUAKE_REPLICA_ID: "api-1",
    REDIS_HOST: "127.0.0.1",
    REDIS_PORT: String(redis.port),
    REDIS_SSL: "false",
    FLEETQUAKE_REDIS_ENTRA: "true",
  });
  plain = await startApiProcess({
    ...common,
    FLEETQUAKE_REPLICA_ID: "api-2",
    REDIS_URL: plainRedis.url,
  });
  await waitFor(
    async () => {
      const { body } = await ask<FleetStatus>("GET", "/chaos/status");
      return body.roster === "ready" && body.fleet.active === 2;
    },
    { what: "the roster", timeoutInMs: 20_000 },
  );
});

afterAll(async () => {
  await Promise.all([api, plain].map((process) => process?.[Symbol.asyncDispose]()));
  await identity?.[Symbol.asyncDispose]();
  await Promise.all([redis, plainRedis].map((server) => server?.stop()));
  await broker?.stop();
});

function ask<T>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<JsonAnswer<T>> {
  return requestJson<T>(`${api.url}${path}`, { method, ...(body !== undefined && { body }) });
}

/** A replica tells of its faults with its next heartbeat. */
async function untilActive(active: boolean): Promise<void> {
  await waitFor(
    async () => {
      const { body } = await ask<FleetStatus>("GET", "/chaos/status");
      return body.token_expiry.active === active;
    },
    { what: `an expiry in the status: ${active}`, timeoutInMs: 15_000 },
  );
}

async function untilSample(status: number): Promise<void> {
  await waitFor(async () => (await ask("GET", "/")).status === status, {
    what: `the sample's ${status}`,
    timeoutInMs: 15_000,
  });
}

describe("POST /chaos/redis-token-expiry", () => {
  it("lets what is reset meanwhile come back refused, until DELETE", async () => {
    await untilSample(200);
    const target = { target: { replicas: ["api-1"] } };
    const started = await ask<CommandAnswer>("POST", EXPIRY, { duration_seconds: 600, ...target });
    expect([started.status, started.body.status]).toEqual([200, "redis_token_expiry_started"]);
    // What stands lives on.
    await untilSample(200);
    const second = await ask<Problem>("POST", EXPIRY, { duration_seconds: 5, ...target });
    expect([second.status, second.body.detail]).toEqual([409, "Redis token expiry already active"]);
    await untilActive(true);

    const reset = await ask<RedisResetAnswer>("POST", "/chaos/redis-reset", target);
    expect(reset.status).toBe(200);
    expect(reset.body.connections_closed).toBeGreaterThan(0);
    await untilSample(503);
    const refused = await ask<Problem>("GET", "/");
    expect(refused.body.detail).toMatch(/^Redis operation failed: .*WRONGPASS/);
    expect((await identity.authentications()).failed).toBeGreaterThan(0);

    const stopped = await ask<CommandAnswer>("DELETE", EXPIRY);
    expect([stopped.status, stopped.body.status]).toEqual([200, "redis_token_expiry_stopped"]);
    await untilSample(200);
  });

  it("is ended by its time", async () => {
    await ask("POST", EXPIRY, { duration_seconds: 1, target: { replicas: ["api-1"] } });
    await ask("POST", "/chaos/redis-reset", { target: { replicas: ["api-1"] } });
    await untilSample(200);
    await untilActive(false);
    expect((await ask("DELETE", EXPIRY)).status).toBe(200);
  });

  it("is ended by a halt", async () => {
    await ask("POST", EXPIRY, { duration_seconds: 600, target: { replicas: ["api-1"] } });
    await untilActive(true);
    expect((await ask("POST", "/chaos/halt", { reason: "enough" })).status).toBe(200);
    await untilActive(false);
    expect((await ask("DELETE", "/chaos/halt")).status).toBe(200);
    await ask("POST", "/chaos/redis-reset", { target: { replicas: ["api-1"] } });
    await untilSample(200);
  });

  it("is refused by a replica whose connections use no token, and says why", async () => {
    const only = { target: { replicas: ["api-2"] } };
    const alone = await ask<Problem>("POST", EXPIRY, { duration_seconds: 5, ...only });
    expect([alone.status, alone.body.code]).toEqual([502, "CHAOS_ALL_REFUSED"]);
    const both = await ask<CommandAnswer>("POST", EXPIRY, { duration_seconds: 60, ...API });
    expect([both.status, both.body.status]).toEqual([207, "redis_token_expiry_partially_started"]);
    const outcomes = both.body.replicas.map(
      ({ replica_id, state, error }) => `${replica_id} ${state} ${error?.code}`,
    );
    expect(new Set(outcomes)).toEqual(
      new Set(["api-1 acknowledged undefined", "api-2 refused NO_REDIS_TOKENS"]),
    );
    await ask("DELETE", EXPIRY);
  });

  it("leaves no token in a log", async () => {
    await api.stop();
    expect(api.output()).toContain("redis-token-expiry-began");
    for (const token of identity.tokens) {
      expect(api.output()).not.toContain(token.split(".").at(-1));
    }
  });
});
