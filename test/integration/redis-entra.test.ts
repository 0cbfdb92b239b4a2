import type { Acknowledgement } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAgentWorld, type AgentWorld } from "../support/start-agent-world.ts";
import { startHost, type StartedHost } from "../support/start-host.ts";
import {
  startManagedIdentity,
  type StartedManagedIdentity,
} from "../support/start-managed-identity.ts";
import { startRedisCluster, type StartedRedisCluster } from "../support/start-redis-cluster.ts";
import { until } from "../support/until.ts";
import { waitFor } from "../support/wait-for.ts";

const IS_FULL = process.env["FLEETQUAKE_TEST_SIZE"] === "full";
const SPAN_IN_MS = IS_FULL ? 20_000 : 8_000;
const RESETS = IS_FULL ? 10 : 4;
const LIFE_IN_SECONDS = 3;

interface Counts {
  readonly commands: number;
  readonly messages: number;
  readonly clustered: number;
  readonly jobs: number;
  readonly refused: number;
}

let world: AgentWorld;
let cluster: StartedRedisCluster;
let identity: StartedManagedIdentity;
let app: StartedHost;

beforeAll(async () => {
  world = await startAgentWorld();
  cluster = await startRedisCluster();
  const clusterPorts = cluster.nodes.map(({ port }) => port);
  identity = await startManagedIdentity({
    ports: [world.redis.port, ...clusterPorts],
    lifeInSeconds: LIFE_IN_SECONDS,
  });
  app = startHost({
    app: "entra-app.mjs",
    preload: [],
    env: {
      ...world.env,
      ...identity.env,
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(world.redis.port),
      REDIS_SSL: "false",
      FLEETQUAKE_REDIS_ENTRA: "true",
      FLEETQUAKE_ALLOW: "redis-reset,token-expiry",
      CLUSTER_PORT: String(clusterPorts[0]),
    },
  });
  await app.line("working");
  await world.fleet.event("hello");
  await world.fleet.rollCall({ heartbeat_interval_ms: 200 });
  await world.fleet.event("heartbeat", ({ clock_offset_ms: offset }) => offset !== null);
});

afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await identity?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

async function report(): Promise<Counts> {
  const before = app.lines().filter((line) => line.startsWith("report")).length;
  app.tell("report");
  const reports = (): string[] => app.lines().filter((line) => line.startsWith("report"));
  await until(() => reports().length > before || app.process.exitCode !== null);
  if (app.process.exitCode !== null) {
    throw new Error(`the application has ended: ${app.stderr()}`);
  }
  return JSON.parse(reports().at(-1)?.slice("report ".length) ?? "{}");
}

async function reset(): Promise<{ readonly closed: number; readonly closedAtInMs: number }> {
  const { command_id: id } = await world.fleet.command();
  const answer = await world.fleet.event("acknowledgement", (event) => event.command_id === id);
  expect(answer.state).toBe("acknowledged");
  return { closed: answer.connections_closed, closedAtInMs: Date.parse(answer.closed_at) };
}

async function order(
  action: "inject" | "recover",
  parameters: { readonly duration_seconds?: number },
): Promise<Acknowledgement> {
  const { duration_seconds = 1 } = parameters;
  const fault = "token-expiry";
  const { command_id: id } = await world.fleet.command(
    {},
    action === "inject"
      ? { fault, action, parameters: { duration_seconds } }
      : { fault, action, parameters: {} },
  );
  return await world.fleet.event("acknowledgement", (event) => event.command_id === id);
}

describe("an application that authenticates by Entra ID", () => {
  it("works over tokens of 3 s and through resets, and no authentication fails", async () => {
    const startedAtInMs = performance.now();
    const before = await report();
    const issuedBefore = identity.tokens.length;
    for (let round = 1; round <= RESETS; round += 1) {
      const dueInMs = startedAtInMs + (SPAN_IN_MS * round) / (RESETS + 1);
      await waitFor(() => performance.now() >= dueInMs, {
        what: "the next reset",
        timeoutInMs: SPAN_IN_MS,
      });
      expect((await reset()).closed).toBeGreaterThanOrEqual(8);
    }
    await waitFor(() => performance.now() >= startedAtInMs + SPAN_IN_MS, {
      what: "the end of the span",
      timeoutInMs: SPAN_IN_MS,
    });
    const after = await report();
    const { repeated, failed } = await identity.authentications();
    const refreshes = identity.tokens.length - issuedBefore;
    process.stdout.write(`${refreshes} refreshes, ${repeated} repeated authentications\n`);
    expect(failed).toBe(0);
    expect(after.refused).toBe(0);
    // Two ways to Redis, each with its tokens.
    expect(refreshes).toBeGreaterThanOrEqual((SPAN_IN_MS / 1_000 / LIFE_IN_SECONDS) * 2);
    expect(repeated).toBeGreaterThanOrEqual(refreshes * 2);
    for (const kind of ["commands", "messages", "clustered", "jobs"] as const) {
      expect(after[kind] - before[kind]).toBeGreaterThan(SPAN_IN_MS / 200);
    }
  }, 120_000);

  it("is reset only after a refresh that is under way, and comes back with the new token", async () => {
    // Longer than the old token is good for.
    identity.delayInMs = 1_500;
    const requests = (): number => identity.requests.filter((client) => client === null).length;
    const before = requests();
    await until(() => requests() > before);
    const askedAtInMs = Date.now();
    const { closedAtInMs } = await reset();
    identity.delayInMs = 0;
    expect(closedAtInMs - askedAtInMs).toBeGreaterThan(1_000);
    await app.line("log info redis-reset-after-token-refresh");
    const { jobs } = await report();
    await until(async () => (await report()).jobs > jobs);
    expect((await identity.authentications()).failed).toBe(0);
  });

  it("is refused by Redis while an expiry is rehearsed, and works again when it is over", async () => {
    const begun = await order("inject", { duration_seconds: 600 });
    expect(begun).toMatchObject({ state: "acknowledged", connections_closed: 0 });
    const before = await report();
    await until(async () => (await report()).commands > before.commands + 10);
    expect((await identity.authentications()).failed).toBe(0);
    await reset();
    await until(async () => (await report()).refused > before.refused);
    await until(async () => (await identity.authentications()).failed > 0);
    const ended = await order("recover", {});
    expect(ended).toMatchObject({ state: "acknowledged", recovered: ["token-expiry"] });
    const after = await report();
    await until(async () => (await report()).jobs > after.jobs + 2);
    const { failed } = await identity.authentications();
    await reset();
    const { jobs } = await report();
    await until(async () => (await report()).jobs > jobs + 2);
    expect((await identity.authentications()).failed).toBe(failed);
  });

  it("shows no token, whatever it logs and whatever fails", async () => {
    const written = [...app.lines(), app.stderr()].join("\n");
    expect(identity.tokens.length).toBeGreaterThan(4);
    expect(written).toMatch(/^error .*WRONGPASS/mu);
    for (const token of identity.tokens) {
      expect(written).not.toContain(token.split(".").at(-1));
    }
  });
});
