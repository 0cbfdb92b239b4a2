import type { RedisResetAnswer } from "@fleetquake/contract";
import type { JobLedger } from "@fleetquake/jobs";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { startFeedingApp, type FeedingApp } from "../support/start-feeding-app.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const IS_FULL = process.env["FLEETQUAKE_TEST_SIZE"] === "full";
const JOBS_PER_SECOND = IS_FULL ? 500 : 300;
const RESETS = IS_FULL ? 20 : 6;
const SETTLE_IN_MS = 60_000;
/** The queue's connection and that for its events. */
const FEEDER_CONNECTIONS = 2;

const NOTHING_AMISS = {
  lost: 0,
  failed: 0,
  unverified: 0,
  given_up: 0,
  outstanding: 0,
  unconfirmed: 0,
} as const;

interface FedFleet extends AsyncDisposable {
  readonly fleet: StartedFleet;
  readonly feeder: FeedingApp;
}

/** Two workers, an API, and a process that feeds them and is reset with them. */
async function startFedFleet(): Promise<FedFleet> {
  const fleet = await startFleet({ replicas: 2, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "100" } });
  try {
    const feeder = await startFeedingApp(fleet);
    await waitFor(async () => (await readActive(fleet)) === 4, {
      what: "feeder on the roster",
      timeoutInMs: 15_000,
    });
    const dispose = async (): Promise<void> => {
      await feeder[Symbol.asyncDispose]();
      await fleet[Symbol.asyncDispose]();
    };
    return { fleet, feeder, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
}

async function readActive(fleet: StartedFleet): Promise<number> {
  const { body } = await fleet.get<{ fleet: { active: number } }>("/chaos/status");
  return body.fleet.active;
}

async function untilCompleted(feeder: FeedingApp, count: number): Promise<void> {
  await waitFor(async () => (await feeder.call("ledger")).completed >= count, {
    what: `${count} completed jobs`,
    timeoutInMs: 60_000,
  });
}

/** What Redis itself knows of the work: how often it was done, and in how many jobs more than once. */
async function readWork(
  redisUrl: string,
): Promise<{ readonly done: number; readonly runTwice: number; readonly completed: number }> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  try {
    const done = Number(await redis.get("bull:work:fleetquake:total"));
    const ids = await redis.zrange("bull:work:completed", "0", "-1");
    const runs = await Promise.all(
      ids.map((id) => redis.hget(`bull:work:${id}`, "fleetquake:run")),
    );
    expect(runs.reduce((sum, run) => sum + Number(run), 0)).toBe(done);
    return { done, completed: ids.length, runTwice: runs.filter((run) => run !== "1").length };
  } finally {
    redis.disconnect();
  }
}

/** Feeds the fleet through some resets, each in the middle of work, and waits until every job is settled. */
async function feedThroughResets(force: boolean): Promise<JobLedger> {
  await using fed = await startFedFleet();
  const { fleet, feeder } = fed;
  await feeder.call("start", JOBS_PER_SECOND);
  for (let reset = 0; reset < RESETS; reset += 1) {
    const { completed } = await feeder.call("ledger");
    await untilCompleted(feeder, completed + JOBS_PER_SECOND);
    const { status, body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", { force });
    expect(status).toBe(200);
    const ofFeeder = body.replicas.find(({ replica_id: id }) => id === "feeder");
    expect(ofFeeder?.connections_closed).toBe(FEEDER_CONNECTIONS);
  }
  await feeder.call("stop");
  const ledger = await feeder.call("settle", SETTLE_IN_MS);
  const how = force ? "forced" : "drained";
  process.stdout.write(`${RESETS} resets, ${how}: ${JSON.stringify(ledger)}\n`);
  const { completed, runTwice } = await readWork(fleet.redisUrl);
  expect(ledger).toMatchObject({ completed, run_twice: runTwice });
  expect(ledger.added).toBeGreaterThanOrEqual(RESETS * JOBS_PER_SECOND);
  return ledger;
}

describe("a queue that is fed through resets", () => {
  it("loses no job when connections are closed at once, and tells what ran twice or stalled", async () => {
    const ledger = await feedThroughResets(true);
    expect(ledger).toMatchObject({ ...NOTHING_AMISS, completed: ledger.added });
  }, 240_000);

  it("loses no job, runs none twice and orphans none when connections are drained", async () => {
    const ledger = await feedThroughResets(false);
    expect(ledger).toMatchObject({ ...NOTHING_AMISS, completed: ledger.added });
    expect(ledger).toMatchObject({ run_twice: 0, stalled: 0 });
  }, 240_000);
});

describe("a worker that is frozen in the middle of jobs", () => {
  it("leaves them to another, completes none of them when it goes on, and the ledger tells what ran twice", async () => {
    await using fed = await startFedFleet();
    const { fleet, feeder } = fed;
    const [frozen] = fleet.workers;
    await feeder.call("start", 10_000);
    // More than the workers can do: each has all the jobs that it does at a time.
    await waitFor(async () => (await feeder.call("ledger")).outstanding >= 1_000, {
      what: "backlog",
      timeoutInMs: 60_000,
    });
    await untilCompleted(feeder, 100);
    frozen?.signal("SIGSTOP");
    await feeder.call("stop");
    await waitFor(async () => (await feeder.call("ledger")).stalled > 0, {
      what: "stalled jobs",
      timeoutInMs: 60_000,
    });
    frozen?.signal("SIGCONT");
    const ledger = await feeder.call("settle", SETTLE_IN_MS);
    process.stdout.write(`a frozen worker: ${JSON.stringify(ledger)}\n`);
    expect(ledger).toMatchObject({ ...NOTHING_AMISS, completed: ledger.added });
    const { completed, runTwice, done } = await readWork(fleet.redisUrl);
    expect(ledger).toMatchObject({ completed, run_twice: runTwice });
    expect(done).toBe(ledger.completed + ledger.run_twice);
  }, 120_000);
});
