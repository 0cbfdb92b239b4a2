import type { CommandAnswer, FleetStatus, Problem, RedisResetAnswer } from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const BLOCK = "/chaos/redis-block";
const RESET = "/chaos/redis-reset";

/** One fleet for all: one API, two workers. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: 2, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" } });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  await fleet.delete(BLOCK);
  await settledClientIds(fleet);
});

/** The connections of the workers as Redis lists them. */
async function workerConnections(): Promise<number> {
  const { body } = await fleet.get<FleetStatus>("/chaos/status");
  const apis = body.replicas.filter(({ role }) => role === "api");
  const ofApis = apis.reduce((sum, { redis }) => sum + redis.connection_count, 0);
  return (await fleet.clientIds()).length - ofApis;
}

describe("a block of Redis", () => {
  it.each(["refuse", "drop"])(
    "in mode %s lets standing connections live, and no new one in",
    async (mode) => {
      const before = await settledClientIds(fleet);
      const started = await fleet.post<CommandAnswer & { readonly scope: string }>(BLOCK, {
        mode,
        duration_seconds: 60,
      });
      expect([started.status, started.body.status, started.body.scope]).toEqual([
        200,
        "redis_block_started",
        "in-process",
      ]);
      expect((await fleet.clientIds()).length).toBe(before.length);
      const workers = { target: { role: "worker" } };
      const reset = await fleet.post<RedisResetAnswer>(RESET, workers);
      expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
      await untilSeen(({ reconnect_attempts }) => reconnect_attempts > 0);
      expect(await workerConnections()).toBe(0);
      const stopped = await fleet.delete<CommandAnswer>(BLOCK);
      expect([stopped.status, stopped.body.status]).toEqual([200, "redis_block_stopped"]);
      expect((await settledClientIds(fleet)).length).toBe(before.length);
    },
  );

  it("comes with a reset in one call, and is active from then on", async () => {
    const before = await settledClientIds(fleet);
    const reset = await fleet.post<RedisResetAnswer>(RESET, { block_seconds: 60, verify: true });
    expect([reset.status, reset.body.block_seconds]).toEqual([200, 60]);
    expect(reset.body.connections_closed).toBe(before.length);
    const second = await fleet.post<Problem>(BLOCK, { duration_seconds: 5 });
    expect([second.status, second.body.detail]).toEqual([409, "Redis block already active"]);
    expect((await fleet.get("/")).status).toBe(503);
    // What the status says of a replica is as old as its last heartbeat.
    const isShown = async (): Promise<boolean> =>
      (await fleet.get<FleetStatus>("/chaos/status")).body.block.active;
    await waitFor(isShown, { what: "block in the status", timeoutInMs: 10_000 });
    expect((await fleet.delete(BLOCK)).status).toBe(200);
    await waitFor(async () => (await fleet.get("/")).status === 200, {
      what: "the sample's recovery",
      timeoutInMs: 15_000,
    });
  });

  it("ends by its time", async () => {
    await settledClientIds(fleet);
    const before = await fleet.clientIds();
    await fleet.post(RESET, { block_seconds: 2, target: { role: "worker" } });
    expect((await settledClientIds(fleet)).length).toBe(before.length);
  });
});

async function untilSeen(
  fits: (recovery: { readonly reconnect_attempts: number }) => boolean,
): Promise<void> {
  await waitFor(
    async () => {
      const { body } = await fleet.get<FleetStatus>("/chaos/status");
      const workers = body.replicas.filter(({ role }) => role === "worker");
      return workers.every(({ last_recovery }) => last_recovery !== null && fits(last_recovery));
    },
    { what: "attempts of the workers to come back", timeoutInMs: 15_000 },
  );
}
