import type { Acknowledgement, Command } from "@fleetquake/contract";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startAgentWorld, type AgentWorld } from "../support/start-agent-world.ts";
import { startHost, type StartedHost } from "../support/start-host.ts";
import { until } from "../support/until.ts";
import { WorkQueue } from "../support/work-queue.ts";

const WORKER = fileURLToPath(new URL("../../apps/worker/bundle/app/main.js", import.meta.url));
/** Longer than any test: what ends before was released. */
const LONG_IN_SECONDS = 300;

async function startApp(world: AgentWorld): Promise<StartedHost> {
  const env = { ...world.env, REDIS_URL: world.redis.url, FLEETQUAKE_ALLOW: "redis-reset,hang" };
  const host = startHost({ app: "redis-app.mjs", env });
  await host.line("working");
  await join(world);
  return host;
}

/** A real BullMQ worker. */
async function startWorker(world: AgentWorld): Promise<StartedHost> {
  const { APP_REDIS_URL: redisUrl = "", ...env } = world.env;
  const host = startHost({
    app: WORKER,
    preload: [],
    env: { ...env, REDIS_URL: redisUrl, FLEETQUAKE_ALLOW: "redis-reset,hang" },
  });
  await join(world);
  return host;
}

async function join(world: AgentWorld): Promise<void> {
  await world.fleet.event("hello");
  await world.fleet.rollCall({ heartbeat_interval_ms: 200 });
  await world.fleet.event("heartbeat", ({ clock_offset_ms: offset }) => offset !== null);
}

async function answerTo(world: AgentWorld, command: Command): Promise<Acknowledgement> {
  return await world.fleet.event(
    "acknowledgement",
    ({ command_id }) => command_id === command.command_id,
  );
}

async function hang(
  world: AgentWorld,
  scope: "jobs" | "process",
  seconds = LONG_IN_SECONDS,
): Promise<Acknowledgement> {
  const parameters = { scope, duration_seconds: seconds };
  const command = await world.fleet.command({}, { fault: "hang", action: "inject", parameters });
  return await answerTo(world, command);
}

async function release(world: AgentWorld): Promise<Acknowledgement> {
  const order = { fault: "hang", action: "recover", parameters: {} } as const;
  const command = await world.fleet.command({}, order);
  return await answerTo(world, command);
}

function timesWorked(host: StartedHost): number {
  return host.lines().filter((line) => line.startsWith("worked")).length;
}

async function worksOn(host: StartedHost): Promise<void> {
  const before = timesWorked(host);
  await until(() => timesWorked(host) > before + 2);
}

/** Lets time pass that the process's own thread measures. */
async function heartbeats(world: AgentWorld, count: number): Promise<void> {
  const before = world.fleet.published("heartbeat").length;
  await until(() => world.fleet.published("heartbeat").length >= before + count);
}

describe("a hang of scope process", () => {
  it("stops the event loop, is told to the fleet all the while, and ends at once when it is released", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    expect(await hang(world, "process")).toMatchObject({ state: "acknowledged" });
    // What was written before the loop stopped may be read only now.
    await heartbeats(world, 2);
    const worked = timesWorked(host);
    await heartbeats(world, 5);
    expect(timesWorked(host)).toBe(worked);
    expect(world.fleet.published("heartbeat").at(-1)?.active_faults).toMatchObject([
      { fault: "hang", scope: "process" },
    ]);
    expect(await release(world)).toMatchObject({ state: "acknowledged", recovered: ["hang"] });
    await worksOn(host);
    expect(await release(world)).toMatchObject({ state: "acknowledged", recovered: [] });
    expect(host.stderr()).toBe("");
  });

  it("ends by itself when its time is over", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    const beganInMs = Date.now();
    expect(await hang(world, "process", 2)).toMatchObject({ state: "acknowledged" });
    const worked = timesWorked(host);
    await until(() => timesWorked(host) > worked + 1);
    expect(Date.now() - beganInMs).toBeGreaterThan(1_500);
  });

  it("ends with a halt", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    await hang(world, "process");
    const parameters = { reason: "enough" };
    const halt = await world.fleet.command({}, { fault: "halt", action: "inject", parameters });
    expect(await answerTo(world, halt)).toMatchObject({ recovered: ["hang"] });
    await worksOn(host);
  });

  it("is replaced by a later one, which then ends it", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    await hang(world, "process");
    expect(await hang(world, "process", 2)).toMatchObject({ state: "acknowledged" });
    await worksOn(host);
  });

  it("leaves forced resets to be carried out by Redis", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    await hang(world, "process");
    expect(await answerTo(world, await world.fleet.command())).toMatchObject({
      state: "acknowledged",
      closed_by: "server",
      connections_closed: 3,
    });
    expect(await world.clientIds()).toEqual([]);
    // Nothing can have been opened since: that there is nothing left is certain.
    expect(await answerTo(world, await world.fleet.command())).toMatchObject({
      state: "acknowledged",
      connections_closed: 0,
      coverage: "full",
    });
    expect(await release(world)).toMatchObject({ recovered: ["hang"] });
    await worksOn(host);
  });

  it("fails with LOOP_BLOCKED where the loop stands still already, and does not come later", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    host.tell("block 4000");
    await host.line("blocking");
    expect(await hang(world, "process")).toMatchObject({
      state: "failed",
      error: { code: "LOOP_BLOCKED" },
    });
    expect(host.lines()).not.toContain("unblocked");
    await host.line("unblocked");
    await worksOn(host);
    expect(world.fleet.published("heartbeat").at(-1)?.active_faults).toEqual([]);
  });
});

describe("a hang of scope jobs", () => {
  it("holds a BullMQ worker's jobs while its loop goes on, and lets all of them go when it is released", async () => {
    await using world = await startAgentWorld();
    await using _host = await startWorker(world);
    await using queue = new WorkQueue(world.redis.url);
    await queue.add(10);
    await queue.waitForCompletion();
    expect(await hang(world, "jobs")).toMatchObject({ state: "acknowledged" });
    await queue.add(30);
    await until(async () => (await queue.active()) > 0);
    await heartbeats(world, 5);
    expect(await queue.completed()).toBe(10);
    // The loop is free: a reset is the process's own.
    expect(await answerTo(world, await world.fleet.command())).toMatchObject({
      closed_by: "process",
      connections_closed: 3,
    });
    expect(await queue.completed()).toBe(10);
    expect(await release(world)).toMatchObject({ recovered: ["hang"] });
    await queue.waitForCompletion();
    expect(await queue.failed()).toBe(0);
  });

  it("ends by itself when its time is over, also for a worker that has had no job yet", async () => {
    await using world = await startAgentWorld();
    await using _host = await startWorker(world);
    await using queue = new WorkQueue(world.redis.url);
    const beganInMs = Date.now();
    expect(await hang(world, "jobs", 2)).toMatchObject({ state: "acknowledged" });
    await queue.add(5);
    await queue.waitForCompletion();
    expect(Date.now() - beganInMs).toBeGreaterThan(1_500);
  });

  it("is refused by an application that never asks, and says what it has to do", async () => {
    await using world = await startAgentWorld();
    await using _host = await startApp(world);
    const refusal = await hang(world, "jobs");
    expect(refusal).toMatchObject({ state: "refused", error: { code: "NO_JOB_PROCESSOR" } });
    expect(refusal.error?.message).toContain("untilWorkAllowed()");
  });

  it("keeps no process alive whose job waits", async () => {
    await using world = await startAgentWorld();
    const env = { BUS: world.broker.connectionString };
    await using host = startHost({ app: "waiting-job.mjs", preload: [], env });
    await host.line("free");
    await join(world);
    expect(await hang(world, "jobs")).toMatchObject({ state: "acknowledged" });
    host.tell("go");
    await host.line("waiting");
    expect(await host.exit()).toEqual({ code: 0, signal: null });
    expect(host.lines()).not.toContain("begun");
  });
});
