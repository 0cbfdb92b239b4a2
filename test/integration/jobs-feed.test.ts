import { startJobFeed, type JobFeed } from "@fleetquake/jobs";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { waitFor } from "../support/wait-for.ts";

let redis: StartedRedis;
let admin: Redis;

beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url, { connectionName: "test-admin", maxRetriesPerRequest: null });
  admin.on("error", () => undefined);
});

beforeEach(async () => {
  await admin.flushall();
});

afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

function feedAt(jobsPerSecond: number, port = redis.port): JobFeed {
  return startJobFeed({ redis: { host: "127.0.0.1", port }, jobsPerSecond });
}

async function untilAdded(feed: JobFeed, count: number): Promise<void> {
  await waitFor(() => feed.ledger().added >= count, { what: `${count} jobs`, timeoutInMs: 30_000 });
}

/** The ids in the queue, in any state. */
async function storedIds(): Promise<string[]> {
  return (await admin.keys("bull:work:j-*")).filter((key) => !key.endsWith(":lock"));
}

/** Cuts every connection to the server but the test's own. */
async function cutAll(): Promise<void> {
  await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
}

/** A worker in this process that says which run it was, as told. */
function work(run: number): AsyncDisposable {
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const worker = new Worker("work", () => Promise.resolve({ run }), {
    connection,
    lockDuration: 2_000,
    stalledInterval: 1_000,
    maxStalledCount: 20,
  });
  worker.on("error", () => undefined);
  const dispose = async (): Promise<void> => {
    // Forced: to a connection that is just reconnecting, a graceful close waits for an end that ioredis never tells of.
    await worker.close(true);
    connection.disconnect();
  };
  return { [Symbol.asyncDispose]: dispose };
}

describe("a feed of jobs", () => {
  it("reads what the queue holds without having been started, and adds nothing then", async () => {
    await using feed = feedAt(0);
    expect(await feed.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    expect(feed.ledger().added).toBe(0);
  });

  it("adds what its ledger says, and stops at once", async () => {
    await using feed = feedAt(400);
    await untilAdded(feed, 400);
    feed.stop();
    await waitFor(() => feed.ledger().unconfirmed === 0, { what: "replies", timeoutInMs: 10_000 });
    const { added } = feed.ledger();
    expect(await storedIds()).toHaveLength(added);
    expect(await feed.counts()).toEqual({ waiting: added, active: 0, delayed: 0, failed: 0 });
    // Another feed shows that time passes.
    await using other = startJobFeed({
      redis: { host: "127.0.0.1", port: redis.port },
      queue: "other",
      jobsPerSecond: 100,
    });
    await untilAdded(other, 50);
    expect(await storedIds()).toHaveLength(added);
    expect(feed.ledger().added).toBe(added);
  });

  it("adds no job twice and misses none of their ends when its connections are cut again and again", async () => {
    await using feed = feedAt(2_000);
    await using _worker = work(1);
    for (let cut = 1; cut <= 10; cut += 1) {
      await untilAdded(feed, cut * 300);
      await cutAll();
    }
    feed.stop();
    const ledger = await feed.settle({ timeoutInMs: 90_000 });
    expect(ledger).toMatchObject({ outstanding: 0, unconfirmed: 0, lost: 0, given_up: 0 });
    expect(ledger.completed).toBe(ledger.added);
    expect(await storedIds()).toHaveLength(ledger.added);
    expect(await admin.zcard("bull:work:completed")).toBe(ledger.added);
  });

  it("begins when Redis comes up, and after an outage does not make up for it in a burst", async () => {
    const port = await freePort();
    await using feed = feedAt(200, port);
    await expect(feed.counts()).rejects.toThrow("Redis cannot be reached");
    {
      await using _first = await startRedis({ port });
      await untilAdded(feed, 200);
    }
    const { withheld, added } = feed.ledger();
    await waitFor(() => feed.ledger().withheld >= withheld + 200, {
      what: "jobs withheld",
      timeoutInMs: 30_000,
    });
    const startInMs = performance.now();
    await using _second = await startRedis({ port });
    await untilAdded(feed, added + 200);
    const passedInS = (performance.now() - startInMs) / 1_000;
    // The server came back empty: what was there is lost, and said to be.
    expect(feed.ledger().added - added).toBeLessThanOrEqual(200 * (passedInS + 0.5) + 50);
    feed.stop();
    await waitFor(() => feed.ledger().lost > 0, { what: "lost jobs", timeoutInMs: 30_000 });
  });

  it("counts what a worker says was run twice, what failed, and what is gone without an end", async () => {
    await using feed = feedAt(100);
    await untilAdded(feed, 20);
    feed.stop();
    await waitFor(() => feed.ledger().unconfirmed === 0, { what: "replies", timeoutInMs: 10_000 });
    const { added } = feed.ledger();
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue("work", { connection });
    const [removed, orphaned] = await queue.getJobs(["waiting"]);
    await removed?.remove();
    // In its place, and in no list of the queue: nobody would ever find it.
    await admin.lrem("bull:work:wait", 1, orphaned?.id ?? "");
    await using _worker = work(2);
    await waitFor(() => feed.ledger().completed === added - 2, {
      what: "completed jobs",
      timeoutInMs: 20_000,
    });
    const ledger = await feed.settle({ timeoutInMs: 10_000 });
    expect(ledger).toMatchObject({ added, run_twice: added - 2, lost: 2, outstanding: 0 });
    await queue.close();
    connection.disconnect();
  });

  it("holds its rate, and its bounds, while the server is frozen", async () => {
    await using feed = feedAt(5_000);
    await untilAdded(feed, 1_000);
    process.kill(redis.pid, "SIGSTOP");
    try {
      await waitFor(() => feed.ledger().withheld > 5_000, {
        what: "jobs withheld",
        timeoutInMs: 30_000,
      });
      expect(feed.ledger().unconfirmed).toBeLessThanOrEqual(2_000);
    } finally {
      process.kill(redis.pid, "SIGCONT");
    }
    const { added } = feed.ledger();
    await untilAdded(feed, added + 3_000);
    feed.stop();
    await waitFor(() => feed.ledger().unconfirmed === 0, { what: "replies", timeoutInMs: 20_000 });
    expect(await storedIds()).toHaveLength(feed.ledger().added);
  });
});
