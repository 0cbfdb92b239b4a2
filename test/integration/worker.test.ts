import { FleetProcess, type ReadyMessage } from "@fleetquake/embedded";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startFleet } from "../support/start-fleet.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { waitFor } from "../support/wait-for.ts";

/** The worker's README promises 4 s; asserted at three times that. */
const END_BOUND_IN_MS = 12_000;

interface LoneWorker extends AsyncDisposable {
  readonly process: FleetProcess;
  readonly ready: Promise<ReadyMessage>;
  readonly lines: readonly string[];
}

/** A worker without a fleet: nobody listens where it looks for its bus. */
async function startLoneWorker(env: NodeJS.ProcessEnv): Promise<LoneWorker> {
  const folder = await mkdtemp(join(tmpdir(), "fleetquake-worker-"));
  const lines: string[] = [];
  const bus = `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=k;SharedAccessKey=a2V5;UseDevelopmentEmulator=true`;
  const worker = new FleetProcess({
    name: "worker-1",
    module: new URL("../../apps/worker/bundle/app/main.js", import.meta.url),
    env: { ...process.env, FLEETQUAKE_BUS_CONNECTION_STRING: bus, ...env },
    logFile: join(folder, "worker.log"),
    readyTimeoutInMs: 20_000,
    onLine: (line) => lines.push(line),
  });
  return {
    process: worker,
    ready: worker.ready(),
    lines,
    [Symbol.asyncDispose]: async () => {
      await worker.stop(0);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The queue of the jobs, over a connection that goes away with the scope. */
function openQueue(url: string): AsyncDisposable & { readonly queue: Queue } {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  connection.on("error", () => undefined);
  const queue = new Queue("work", { connection });
  queue.on("error", () => undefined);
  const dispose = async (): Promise<void> => {
    await queue.close();
    connection.disconnect();
  };
  return { queue, [Symbol.asyncDispose]: dispose };
}

async function completes(queue: Queue, jobs: number): Promise<void> {
  await waitFor(async () => (await queue.getCompletedCount()) === jobs, {
    what: `${jobs} completed jobs`,
    timeoutInMs: 30_000,
  });
}

function addJobs(queue: Queue, jobs: number): Promise<unknown> {
  return queue.addBulk(Array.from({ length: jobs }, () => ({ name: "job", data: {} })));
}

describe("the worker", () => {
  it("does every job of queue work exactly once while nobody disturbs it", async () => {
    await using fleet = await startFleet({ replicas: 2 });
    await using jobs = openQueue(fleet.redisUrl);
    const { queue } = jobs;
    await addJobs(queue, 500);
    await completes(queue, 500);
    const done = await queue.getJobs(["completed"], 0, 499);
    expect(new Set(done.map((job) => job.returnvalue.total)).size).toBe(500);
    expect(new Set(done.map((job) => job.returnvalue.worker))).toEqual(
      new Set(["worker-1", "worker-2"]),
    );
  });

  it("loses no job over resets in the middle of its work", async () => {
    await using fleet = await startFleet({
      replicas: 2,
      env: { FLEETQUAKE_RESET_COOLDOWN_MS: "100" },
    });
    await using jobs = openQueue(fleet.redisUrl);
    const { queue } = jobs;
    await addJobs(queue, 3_000);
    for (let round = 0; round < 3; round += 1) {
      const target = round * 800 + 200;
      await waitFor(async () => (await queue.getCompletedCount()) >= target, {
        what: `${target} completed jobs`,
        timeoutInMs: 30_000,
      });
      expect((await fleet.post("/chaos/redis-reset")).status).toBe(200);
    }
    await completes(queue, 3_000);
    expect(await queue.getFailedCount()).toBe(0);
  });

  it("starts with Redis and the bus down, does its jobs once Redis is there, and says so once", async () => {
    const port = await freePort();
    await using worker = await startLoneWorker({ REDIS_URL: `redis://127.0.0.1:${port}` });
    await worker.ready;
    await waitFor(() => worker.lines.some((line) => line.includes('"redis-unreachable"')), {
      what: "report of the missing Redis",
      timeoutInMs: 15_000,
    });
    await using redis = await startRedis({ port });
    await using jobs = openQueue(redis.url);
    const { queue } = jobs;
    await addJobs(queue, 20);
    await completes(queue, 20);
    const reports = worker.lines.filter((line) => line.includes('"redis-unreachable"'));
    expect(reports).toHaveLength(1);
  });

  it.each([
    ["with Redis at work", (_redis: StartedRedis) => undefined],
    ["with Redis frozen", (redis: StartedRedis) => process.kill(redis.pid, "SIGSTOP")],
    ["with Redis gone", (redis: StartedRedis) => process.kill(redis.pid, "SIGKILL")],
  ])("ends on SIGTERM within 4 s and with exit code 0, bus away, %s", async (_, disturb) => {
    await using redis = await startRedis();
    await using worker = await startLoneWorker({ REDIS_URL: redis.url });
    await worker.ready;
    await waitFor(() => worker.lines.some((line) => line.includes('"redis-connection-ready"')), {
      what: "connection to Redis",
      timeoutInMs: 15_000,
    });
    disturb(redis);
    const startInMs = performance.now();
    const end = await worker.process.stop(END_BOUND_IN_MS);
    const tookInMs = performance.now() - startInMs;
    process.stdout.write(`worker ended after ${tookInMs.toFixed(0)} ms\n`);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(tookInMs).toBeLessThan(END_BOUND_IN_MS);
  });

  it("takes part in the fleet without Redis, and does no jobs, when Redis is disabled", async () => {
    await using fleet = await startFleet({ replicas: 1, env: { REDIS_ENABLED: "false" } });
    const { body } = await fleet.post<{ detail: string }>("/chaos/redis-reset");
    expect(body.detail).toBe("Redis client not initialized");
    expect(await fleet.clientIds()).toEqual([]);
  });

  it("refuses a wrong configuration with all mistakes together", async () => {
    await using worker = await startLoneWorker({
      FLEETQUAKE_WORKER_CONCURRENCY: "0",
      LOG_LEVEL: "loud",
    });
    await expect(worker.ready).rejects.toThrow(/FLEETQUAKE_WORKER_CONCURRENCY.*LOG_LEVEL/s);
    expect(await worker.process.ended).toMatchObject({ code: 1 });
  });
});
