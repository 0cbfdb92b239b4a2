import type {
  CommandAnswer,
  FleetStatus,
  RecoveryAnswer,
  RedisResetAnswer,
} from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { CONNECTIONS_PER_WORKER, settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

/** Each fault by itself, and a reset beside it, is in the file of that fault; this is about several at once. */

const RESET = "/chaos/redis-reset";
const LOAD = "/chaos/load";
const HANG = "/chaos/hang";
const BLOCK = "/chaos/redis-block";
const WORKERS = { target: { role: "worker" } };
const ALL_OF_WORKERS = 2 * CONNECTIONS_PER_WORKER;

/** One fleet for all: one API, two workers. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: 2, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" } });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const path of [BLOCK, HANG, LOAD]) {
    await fleet.delete(path);
  }
  await untilStatus(
    ({ load, hang, block }) => !load.active && !hang.active && !block.active,
    "fleet without a fault",
  );
});

async function untilStatus(fits: (status: FleetStatus) => boolean, what: string): Promise<void> {
  await waitFor(async () => fits((await fleet.get<FleetStatus>("/chaos/status")).body), {
    what,
    timeoutInMs: 20_000,
  });
}

async function inject(path: string, body: object): Promise<void> {
  const { status, body: answer } = await fleet.post<CommandAnswer>(path, body);
  expect([path, status, answer.outcome]).toEqual([path, 200, "complete"]);
}

async function end(path: string): Promise<void> {
  const { status, body } = await fleet.delete<RecoveryAnswer>(path);
  expect([path, status, body.unconfirmed]).toEqual([path, 200, []]);
}

/** A reset of the workers, and which of the clients of before are gone. */
async function resetWorkers(
  before: readonly string[],
  options: object = {},
): Promise<{ readonly answer: RedisResetAnswer; readonly gone: readonly string[] }> {
  const { body: answer } = await fleet.post<RedisResetAnswer>(RESET, { ...WORKERS, ...options });
  const left = await idsAfterClosing(fleet, { before, closed: answer.connections_closed });
  return { answer, gone: before.filter((id) => !left.has(id)) };
}

describe("a reset among other faults", () => {
  it("is true under load, a hang of all jobs and a block at once; each ends by its own DELETE, and the work goes on", async () => {
    await settledClientIds(fleet);
    await using queue = new WorkQueue(fleet.redisUrl);
    await queue.add(20);
    await queue.waitForCompletion();
    const before = await fleet.clientIds();
    await inject(LOAD, { level: "high", duration_seconds: 120 });
    await inject(HANG, { scope: "jobs", duration_seconds: 120 });
    await inject(BLOCK, { duration_seconds: 120 });
    await queue.add(20);
    const { answer, gone } = await resetWorkers(before);
    expect(answer.outcome).toBe("complete");
    expect([answer.connections_closed, gone.length]).toEqual([ALL_OF_WORKERS, ALL_OF_WORKERS]);
    await end(BLOCK);
    await untilStatus(({ replicas }) => {
      const workers = replicas.filter(({ role }) => role === "worker");
      return workers.every(({ last_recovery: last }) => typeof last?.all_back_ms === "number");
    }, "workers with all their connections");
    expect(await queue.completed()).toBe(20);
    const { body: status } = await fleet.get<FleetStatus>("/chaos/status");
    expect([status.load.active, status.hang.active]).toEqual([true, true]);
    await end(HANG);
    await queue.waitForCompletion();
    await end(LOAD);
    expect(await queue.failed()).toBe(0);
  });

  it("finds nothing left to close in a fleet that is blocked and was reset before; after the block all is as it was", async () => {
    const before = await settledClientIds(fleet);
    await inject(BLOCK, { mode: "drop", duration_seconds: 120 });
    const first = await resetWorkers(before);
    expect(first.answer.connections_closed).toBe(first.gone.length);
    expect(first.gone).toHaveLength(ALL_OF_WORKERS);
    const second = await resetWorkers(await fleet.clientIds());
    expect([second.answer.outcome, second.answer.connections_closed, second.gone]).toEqual([
      "complete",
      0,
      [],
    ]);
    await end(BLOCK);
    const after = await settledClientIds(fleet);
    expect(after).toHaveLength(before.length);
    expect(after.filter((id) => first.gone.includes(id))).toEqual([]);
  });

  it("that drains says which event loops it cannot drain, and a forced one closes them all the same", async () => {
    const before = await settledClientIds(fleet);
    await inject(HANG, {
      scope: "process",
      duration_seconds: 120,
      target: { replicas: ["worker-1"] },
    });
    const drain = await resetWorkers(before, { force: false, drain_timeout_ms: 1_000 });
    expect(drain.answer.status).toBe("redis_connections_partially_reset");
    const rows = drain.answer.replicas.map(
      ({ replica_id: id, state, error }) => `${id} ${state} ${error?.code ?? ""}`,
    );
    expect(rows.toSorted((a, b) => a.localeCompare(b))).toEqual([
      "worker-1 failed LOOP_BLOCKED",
      "worker-2 acknowledged ",
    ]);
    expect(drain.answer.connections_closed).toBe(drain.gone.length);
    expect(drain.gone).toHaveLength(CONNECTIONS_PER_WORKER);
    const target = { target: { replicas: ["worker-1"] } };
    const forced = await resetWorkers(await fleet.clientIds(), target);
    expect(forced.answer.replicas[0]).toMatchObject({ state: "acknowledged", closed_by: "server" });
    expect(forced.answer.connections_closed).toBe(CONNECTIONS_PER_WORKER);
    expect(forced.gone).toHaveLength(CONNECTIONS_PER_WORKER);
    await end(HANG);
    expect(await settledClientIds(fleet)).toHaveLength(before.length);
  });
});
