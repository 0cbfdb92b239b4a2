import { randomBytes } from "node:crypto";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { startIngestion, type StartedIngestion } from "../support/start-ingestion.ts";
import { waitFor } from "../support/wait-for.ts";

/** SIGTERM ends every process within it, whatever the ingestion does. */
const END_BOUND_IN_MS = 5_000;

/** Preloaded into each process: it says where connections go. */
const OUTGOING = new URL("../support/apps/telemetry/tell-outgoing.mjs", import.meta.url).href;

interface ResetAnswer {
  readonly command_id: string;
  readonly outcome: string;
  readonly connections_closed: number;
}

function propertiesOf(items: StartedIngestion["items"]): readonly Record<string, string>[] {
  return items.map(({ data }) => data.baseData.properties ?? {});
}

function byText(one = "", other = ""): number {
  return one.localeCompare(other);
}

function operationsOf(items: StartedIngestion["items"]): ReadonlySet<string | undefined> {
  return new Set(items.map(({ tags }) => tags["ai.operation.id"]));
}

/** Sends SIGTERM to every API and worker. @param name of the ingestion, for who reads the output. @returns the longest that one took to end, in milliseconds */
async function endAll(fleet: StartedFleet, name = "accepting"): Promise<number> {
  const processes = [...fleet.apis.map(({ process }) => process), ...fleet.workers];
  const took = await Promise.all(
    processes.map(async (running) => {
      const startedAtInMs = performance.now();
      // Far beyond the bound: nothing is killed before it.
      await running.stop(30_000);
      return performance.now() - startedAtInMs;
    }),
  );
  const longestInMs = Math.max(...took);
  process.stdout.write(`ingestion ${name}: all ended after ${Math.round(longestInMs)} ms\n`);
  return longestInMs;
}

describe("what Application Insights is told", () => {
  it("is one operation from the call by HTTP to the close and the reconnect of every replica; nobody else is told, and no log has a secret", async () => {
    await using ingestion = await startIngestion();
    await using fleet = await startFleet({
      replicas: 2,
      env: { ...ingestion.env, LOG_LEVEL: "debug", NODE_OPTIONS: `--import=${OUTGOING}` },
    });
    const traceId = randomBytes(16).toString("hex");
    const { status, body } = await fleet.post<ResetAnswer>("/chaos/redis-reset", undefined, {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    });
    expect(status).toBe(200);
    const back = (): StartedIngestion["items"] => ingestion.events("redis-connections-back");
    await waitFor(
      () => back().length >= 3 && ingestion.events("recovery").length >= 3 && hasRequest(ingestion),
      { what: "events of close and reconnect from three replicas", timeoutInMs: 60_000 },
    );
    const ofCommand = ingestion
      .events()
      .filter(({ data }) => data.baseData.properties?.["command_id"] === body.command_id);
    expect(operationsOf(ofCommand)).toEqual(new Set([traceId]));
    expect(new Set(ofCommand.map(({ data }) => data.baseData.name))).toEqual(
      new Set([
        "redis-reset-requested",
        "acknowledgement",
        "redis-reset-completed",
        "recovery",
        "redis-connections-closed",
        "redis-connections-back",
      ]),
    );
    const replicas = new Set([
      "worker-1",
      "worker-2",
      ...propertiesOf(back()).map((properties) => properties["replica_id"]),
    ]);
    expect(replicas.size).toBe(3);
    for (const name of ["acknowledgement", "recovery", "redis-connections-closed"]) {
      const of = propertiesOf(ingestion.events(name)).map((told) => told["replica_id"]);
      expect([name, new Set(of)]).toEqual([name, replicas]);
    }
    const closed = propertiesOf(ingestion.events("redis-connections-closed"));
    expect(closed.reduce((sum, told) => sum + Number(told["connections_closed"]), 0)).toBe(
      body.connections_closed,
    );
    expectSteps(ingestion, traceId);
    expectRoles(ingestion);
    await expectNoSecret(fleet, ingestion);
    await expectOnlyLoopback(fleet);
  });

  it("is what becomes of refusals and halts, of requests, and of what they ask of Redis", async () => {
    await using ingestion = await startIngestion();
    await using fleet = await startFleet({ replicas: 1, env: ingestion.env });
    await fleet.get("/");
    expect((await fleet.post("/chaos/redis-reset")).status).toBe(200);
    expect((await fleet.post("/chaos/redis-reset")).status).toBe(429);
    expect((await fleet.post("/chaos/halt", { reason: "enough" })).status).toBe(200);
    await fleet.redis.stop(0);
    expect((await fleet.get("/")).status).toBe(503);
    await endAll(fleet);
    const requested = propertiesOf(ingestion.events("redis-reset-requested"));
    expect(requested.map(({ accepted, code }) => [accepted, code])).toEqual([
      ["true", undefined],
      ["false", "CHAOS_COOLING_DOWN"],
    ]);
    expect(propertiesOf(ingestion.events("halted"))).toMatchObject([
      { reason: "enough", published: "true" },
    ]);
    const samples = ingestion
      .ofKind("RequestData")
      .filter(({ data }) => data.baseData.name === "GET /")
      .map(({ data }) => [data.baseData.responseCode, data.baseData.success]);
    expect(samples).toEqual([
      ["200", true],
      ["503", false],
    ]);
    const redis = ingestion
      .ofKind("RemoteDependencyData")
      .filter(({ data }) => data.baseData.type === "redis");
    expect(redis.map(({ data }) => data.baseData.success)).toEqual([true, false]);
  });

  it("is what becomes of jobs, with the error of one that failed", async () => {
    await using ingestion = await startIngestion();
    await using fleet = await startFleet({ replicas: 1, env: ingestion.env });
    await using redis = openRedis(fleet.redisUrl);
    await using jobs = await openQueue(fleet.redisUrl);
    await jobs.queue.add("job", {}, { jobId: "j-good" });
    await waitFor(async () => (await jobs.queue.getCompletedCount()) === 1, {
      what: "a job",
      timeoutInMs: 60_000,
    });
    await fleet.post("/chaos/hang", { scope: "jobs", duration_seconds: 60 });
    await jobs.queue.add("job", {}, { jobId: "j-lost" });
    await waitFor(async () => (await jobs.queue.getActiveCount()) === 1, {
      what: "a held job",
      timeoutInMs: 60_000,
    });
    // As if it had been taken for stalled: the worker must not do its work.
    await redis.client.del("bull:work:j-lost:lock");
    await fleet.delete("/chaos/hang");
    await waitFor(() => ingestion.ofKind("ExceptionData").length > 0, {
      what: "the error of the lost job",
      timeoutInMs: 60_000,
    });
    await endAll(fleet);
    const [failure] = ingestion.ofKind("ExceptionData");
    expect(failure?.data.baseData.exceptions).toMatchObject([
      { typeName: "LostJobError", message: expect.stringContaining("j-lost") },
    ]);
    const told = ingestion
      .ofKind("RequestData")
      .filter(({ data }) => data.baseData.name === "job work");
    expect(
      told.map(({ data: { baseData } }) => [baseData.properties?.["job"], baseData.success]),
    ).toEqual([
      ["j-good", true],
      ["j-lost", false],
    ]);
    expect(failure?.tags["ai.operation.id"]).toBe(told[1]?.tags["ai.operation.id"]);
  });

  it("at a sampling rate of 0 is still every fault and every failure, and no request that went well", async () => {
    await using ingestion = await startIngestion();
    await using fleet = await startFleet({
      replicas: 1,
      env: { ...ingestion.env, TELEMETRY_SAMPLING_RATE: "0" },
    });
    for (let round = 0; round < 5; round += 1) {
      await fleet.get("/");
    }
    expect((await fleet.post("/chaos/redis-reset")).status).toBe(200);
    await fleet.redis.stop(0);
    expect((await fleet.get("/")).status).toBe(503);
    await endAll(fleet);
    expect(ingestion.events("redis-reset-completed")).toHaveLength(1);
    const requests = ingestion.ofKind("RequestData").map(({ data }) => data.baseData.name);
    expect(requests.toSorted(byText)).toEqual([
      "GET /",
      "POST /chaos/redis-reset",
      "redis-reset inject",
      "redis-reset inject",
    ]);
  });
});

describe("an ingestion that fails", () => {
  it("and is down changes nothing: a reset works, and every process ends within five seconds", async () => {
    await using ingestion = await startIngestion();
    const { env } = ingestion;
    await ingestion.stop();
    await using fleet = await startSmallFleet(env);
    await expectReset(fleet);
    await untilReported(fleet, "ECONNREFUSED");
    await expectReset(fleet);
    expect(await endAll(fleet, "down")).toBeLessThan(END_BOUND_IN_MS);
    await expectNoSecret(fleet, ingestion);
  });

  it("and never answers changes nothing: a reset works, and every process ends within five seconds", async () => {
    await using ingestion = await startIngestion("silent");
    await using fleet = await startSmallFleet(ingestion.env);
    await expectReset(fleet);
    await waitFor(() => ingestion.requests.length > 0, {
      what: "a request that is not answered",
      timeoutInMs: 60_000,
    });
    await expectReset(fleet);
    expect(await endAll(fleet, "silent")).toBeLessThan(END_BOUND_IN_MS);
    await expectNoSecret(fleet, ingestion);
  });

  it("and refuses with 402, 439 or 500 changes nothing; once it accepts it gets what happens from then on, and the log says so", async () => {
    await using ingestion = await startIngestion(402);
    await using fleet = await startSmallFleet(ingestion.env);
    for (const status of [402, 439, 500]) {
      ingestion.mode = status;
      const before = ingestion.requests.length;
      await expectReset(fleet);
      await waitFor(() => ingestion.requests.length > before, {
        what: `a request that is refused with ${status}`,
        timeoutInMs: 60_000,
      });
    }
    await untilReported(fleet, "HTTP 402");
    expect(ingestion.items).toEqual([]);
    ingestion.mode = "accept";
    const commandId = await expectReset(fleet);
    const completed = (): readonly unknown[] =>
      propertiesOf(ingestion.events("redis-reset-completed"))
        .map((told) => told["command_id"])
        .filter((told) => told === commandId);
    await waitFor(() => completed().length > 0, {
      what: "the events of the last reset",
      timeoutInMs: 60_000,
    });
    expect(await fleet.log("api-1")).toContain("telemetry-delivered-again");
    expect(await endAll(fleet, "accepting again")).toBeLessThan(END_BOUND_IN_MS);
    expect(completed()).toHaveLength(1);
    await expectNoSecret(fleet, ingestion);
  });
});

function startSmallFleet(env: Readonly<Record<string, string>>): Promise<StartedFleet> {
  return startFleet({ replicas: 1, env: { ...env, FLEETQUAKE_RESET_COOLDOWN_MS: "0" } });
}

async function expectReset(fleet: StartedFleet): Promise<string> {
  const { status, body } = await fleet.post<ResetAnswer>("/chaos/redis-reset");
  expect([status, body.outcome]).toEqual([200, "complete"]);
  return body.command_id;
}

async function untilReported(fleet: StartedFleet, reason: string): Promise<void> {
  await waitFor(
    async () => {
      const line = /^.*telemetry-not-delivered.*$/m.exec(await fleet.log("api-1"))?.[0] ?? "";
      return line.includes(reason);
    },
    { what: `the report of ${reason}`, timeoutInMs: 60_000 },
  );
}

function openRedis(url: string): AsyncDisposable & { readonly client: Redis } {
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  return {
    client,
    [Symbol.asyncDispose]: () => {
      client.disconnect();
      return Promise.resolve();
    },
  };
}

async function openQueue(url: string): Promise<AsyncDisposable & { readonly queue: Queue }> {
  const connection = openRedis(url);
  const queue = new Queue("work", { connection: connection.client });
  queue.on("error", () => undefined);
  await queue.waitUntilReady();
  const dispose = async (): Promise<void> => {
    await queue.close();
    await connection[Symbol.asyncDispose]();
  };
  return { queue, [Symbol.asyncDispose]: dispose };
}

function hasRequest(ingestion: StartedIngestion): boolean {
  const names = ingestion.ofKind("RequestData").map(({ data }) => data.baseData.name);
  return (
    names.includes("POST /chaos/redis-reset") &&
    names.filter((name) => name === "redis-reset inject").length === 3 &&
    ingestion
      .ofKind("RemoteDependencyData")
      .some(({ data }) => data.baseData.name === "publish command")
  );
}

/** The request goes on from its caller; the publication and every replica's part go on from the request. */
function expectSteps(ingestion: StartedIngestion, traceId: string): void {
  const ofOperation = ingestion.items.filter(({ tags }) => tags["ai.operation.id"] === traceId);
  const steps = ofOperation.filter(({ data }) => data.baseType !== "EventData");
  const request = steps.find(({ data }) => data.baseData.name === "POST /chaos/redis-reset");
  expect(request?.tags["ai.operation.parentId"]).toBe("b7ad6b7169203331");
  expect(request?.data.baseData.responseCode).toBe("200");
  const below = steps.filter((item) => item !== request);
  expect(below.map(({ data }) => data.baseData.name).toSorted(byText)).toEqual([
    "publish command",
    "redis-reset inject",
    "redis-reset inject",
    "redis-reset inject",
  ]);
  for (const { tags } of below) {
    expect(tags["ai.operation.parentId"]).toBe(request?.data.baseData.id);
  }
}

function expectRoles(ingestion: StartedIngestion): void {
  const roles = ingestion
    .events("redis-connections-closed")
    .map(({ tags }) => tags["ai.cloud.role"]);
  expect(roles.toSorted(byText)).toEqual([
    "fleetquake-api",
    "fleetquake-worker",
    "fleetquake-worker",
  ]);
  expect(new Set(ingestion.requests)).toEqual(new Set(["/v2.1/track"]));
}

/** Neither Microsoft's statistics nor Azure's metadata server was asked. */
async function expectOnlyLoopback(fleet: StartedFleet): Promise<void> {
  for (const name of ["api-1", "worker-1"]) {
    const log = await fleet.log(name);
    const hosts = [...log.matchAll(/outgoing <([^>]*)>/g)].map(([, host]) => host);
    expect(hosts).toContain("127.0.0.1");
    expect(hosts.filter((host) => host !== "127.0.0.1" && host !== "localhost")).toEqual([]);
  }
}

async function expectNoSecret(fleet: StartedFleet, ingestion: StartedIngestion): Promise<void> {
  const names = [
    ...fleet.apis.map(({ process }) => process.name),
    ...fleet.workers.map(({ name }) => name),
  ];
  for (const name of names) {
    const log = await fleet.log(name);
    expect(log).toContain("telemetry-started");
    expect(log).not.toContain(ingestion.instrumentationKey);
    expect(log).not.toContain("IngestionEndpoint");
  }
}
