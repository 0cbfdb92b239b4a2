import type {
  CommandAnswer,
  FleetStatus,
  RedisResetAnswer,
  SampleAnswer,
} from "@fleetquake/contract";
import { startBroker, type RunningBroker } from "@fleetquake/servicebus-emulator";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestJson, type JsonAnswer } from "../support/request-json.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";
import { startHost, type StartedHost } from "../support/start-host.ts";
import {
  startManagedIdentity,
  type StartedManagedIdentity,
} from "../support/start-managed-identity.ts";
import { startRedisCluster, type StartedRedisCluster } from "../support/start-redis-cluster.ts";
import { waitFor } from "../support/wait-for.ts";

const WORKER = fileURLToPath(new URL("../../apps/worker/bundle/app/main.js", import.meta.url));

/** The API and the worker as in Azure, on a Redis Cluster, with short-lived tokens of Entra ID; but without TLS. */
let broker: RunningBroker;
let cluster: StartedRedisCluster;
let identity: StartedManagedIdentity;
let api: StartedApiProcess;
let worker: StartedHost;

beforeAll(async () => {
  [broker, cluster] = await Promise.all([startBroker(), startRedisCluster()]);
  const ports = cluster.nodes.map(({ port }) => port);
  identity = await startManagedIdentity({ ports, lifeInSeconds: 5 });
  const env = {
    ...identity.env,
    FLEETQUAKE_BUS_CONNECTION_STRING: broker.connectionString,
    FLEETQUAKE_ALLOW: "redis-reset,load",
    FLEETQUAKE_RESET_COOLDOWN_MS: "0",
    REDIS_HOST: "127.0.0.1",
    REDIS_PORT: String(ports[1]),
    REDIS_SSL: "false",
    REDIS_CLUSTER: "true",
    FLEETQUAKE_REDIS_ENTRA: "true",
    LOG_LEVEL: "debug",
  };
  worker = startHost({
    app: WORKER,
    preload: [],
    env: { ...env, FLEETQUAKE_REPLICA_ID: "worker-1" },
  });
  api = await startApiProcess({ ...env, FLEETQUAKE_REPLICA_ID: "api-1" });
  await waitFor(
    async () => {
      const { body } = await ask<FleetStatus>("GET", "/chaos/status");
      return body.roster === "ready" && body.fleet.active === 2;
    },
    { what: "the roster", timeoutInMs: 20_000 },
  );
});

afterAll(async () => {
  await Promise.all([api, worker].map((process) => process?.[Symbol.asyncDispose]()));
  await identity?.[Symbol.asyncDispose]();
  await Promise.all([cluster?.[Symbol.asyncDispose](), broker?.stop()]);
});

function ask<T>(method: "GET" | "POST", path: string, body?: object): Promise<JsonAnswer<T>> {
  return requestJson<T>(`${api.url}${path}`, { method, ...(body !== undefined && { body }) });
}

async function completedJobs(): Promise<number> {
  const { body } = await ask<FleetStatus>("GET", "/chaos/status");
  return body.jobs?.completed ?? 0;
}

async function untilMoreJobs(): Promise<void> {
  const before = await completedJobs();
  await waitFor(async () => (await completedJobs()) > before + 10, {
    what: "further jobs",
    timeoutInMs: 20_000,
  });
}

/** A client of a cluster may open a connection after the nodes were listed: that one reset is inconclusive then. */
function confirmedReset(): Promise<RedisResetAnswer> {
  return waitFor(
    async () => {
      const { status, body } = await ask<RedisResetAnswer>("POST", "/chaos/redis-reset", {
        verify: true,
      });
      expect([status, body.outcome]).toEqual([200, "complete"]);
      expect(body.verification?.verdict).not.toBe("mismatch");
      return body.verification?.verdict === "confirmed" && body;
    },
    { what: "a reset that the nodes confirm", timeoutInMs: 20_000, pollInMs: 500 },
  );
}

describe("an API and a worker on a Redis Cluster with Entra ID", () => {
  it("serve the sample, do jobs, and go on after resets that the nodes confirm", async () => {
    const sample = await ask<SampleAnswer>("GET", "/");
    expect([sample.status, sample.body.redis_data]).toEqual([
      200,
      expect.stringContaining("Data created at"),
    ]);
    const load = await ask<CommandAnswer>("POST", "/chaos/load", {
      level: "low",
      duration_seconds: 60,
      jobs_per_second: 40,
    });
    expect(load.status).toBe(200);
    await untilMoreJobs();
    for (let round = 0; round < 2; round += 1) {
      const reset = await confirmedReset();
      expect(reset.connections_closed).toBeGreaterThanOrEqual(4);
      await untilMoreJobs();
      expect((await ask("GET", "/")).status).toBe(200);
    }
    const drained = await ask<RedisResetAnswer>("POST", "/chaos/redis-reset", { force: false });
    expect([drained.status, drained.body.outcome]).toEqual([200, "complete"]);
    // By the agents' own connections, which use the same tokens.
    expect(drained.body.replicas.map(({ drain_method }) => drain_method)).toEqual([
      "server",
      "server",
    ]);
    await untilMoreJobs();
    expect((await identity.authentications()).failed).toBe(0);
    const written = [api.output(), ...worker.lines(), worker.stderr()].join("\n");
    for (const token of identity.tokens) {
      expect(written).not.toContain(token.split(".").at(-1));
    }
  });
});
