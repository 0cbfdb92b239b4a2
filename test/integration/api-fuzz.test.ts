import type { CommandPage, FleetStatus, RedisResetAnswer } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endEveryFault, leaveNoFault } from "../support/fuzz/clean-up.ts";
import { IS_FULL_SIZE, readFuzzSeed } from "../support/fuzz/fuzz-seed.ts";
import { fuzz, type FuzzReport } from "../support/fuzz/fuzz-run.ts";
import { growthOf, readHolding, type Holding } from "../support/fuzz/growth.ts";
import { readSurface, type FuzzRoute } from "../support/fuzz/read-surface.ts";
import { makeApiKey, sha256Of } from "../support/guarded-api.ts";
import { UNKNOWN_METHOD, type WireAnswer } from "../support/fuzz/read-answers.ts";
import { HAS_PROC } from "../support/process-tree.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { until } from "../support/until.ts";

const REQUESTS = IS_FULL_SIZE ? 20_000 : 1_000;
const SEED = readFuzzSeed();
const RUN_TIMEOUT_IN_MS = IS_FULL_SIZE ? 1_800_000 : 240_000;
/** Memory that a garbage collector has not yet taken back is no leak. */
const MOST_GROWTH = 1.5;

/** Of each row at least one has to come: a run in which nothing happens shows nothing. */
const FAULTS_MEANWHILE: readonly (readonly string[])[] = [
  ["200 redis_connections_reset", "207 redis_connections_partially_reset"],
  ["200 load_started", "202 load_accepted"],
  ["200 hang_started", "202 hang_accepted"],
  ["200 hang_released", "200 hang_completed"],
  ["200 redis_block_started"],
  ["200 halted"],
  ["409 CHAOS_ALREADY_ACTIVE"],
  ["423 CHAOS_HALTED"],
];

describe("a fleet under requests that nobody would send", () => {
  let fleet: StartedFleet;
  let routes: readonly FuzzRoute[];
  let report: FuzzReport;
  const holdings = { api: [] as Holding[], worker: [] as Holding[] };
  const pids = { api: 0, worker: 0 };

  beforeAll(async () => {
    fleet = await startFleet({
      replicas: 1,
      env: { FLEETQUAKE_RESET_COOLDOWN_MS: "50", FLEETQUAKE_LABELS: "zone=a" },
    });
    routes = await readSurface(fleet.url);
    pids.api = fleet.apis[0]?.process.pid ?? 0;
    pids.worker = fleet.workers[0]?.pid ?? 0;
    const startedAtInMs = performance.now();
    report = await fuzz({
      seed: SEED,
      requests: REQUESTS,
      port: Number(new URL(fleet.url).port),
      routes,
      ids: ["api-1", "worker-1", "x"],
      credentials: [null],
      secrets: secretsOf(fleet),
      cleanUp: () => endEveryFault(fleet.url, routes),
      check: async () => {
        if (HAS_PROC) {
          holdings.api.push(readHolding(pids.api));
          holdings.worker.push(readHolding(pids.worker));
        }
        const { status } = await fleet.get("/livez");
        return status === 200 ? [] : [`/livez is ${status}`];
      },
    });
    tell(report, REQUESTS, performance.now() - startedAtInMs);
  }, RUN_TIMEOUT_IN_MS);

  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
  });

  it("answers each in time and by the contract", () => {
    expect(report.violations).toEqual([]);
  });

  it("really has its faults meanwhile", () => {
    const outcomes = new Set(report.outcomes.keys());
    expect(FAULTS_MEANWHILE.filter((some) => !some.some((one) => outcomes.has(one)))).toEqual([]);
  });

  it("goes on in the same processes, and has complained of nothing", async () => {
    expect(fleet.apis[0]?.process).toMatchObject({ pid: pids.api, isRunning: true });
    expect(fleet.workers[0]).toMatchObject({ pid: pids.worker, isRunning: true });
    expect(complaintsIn(await fleet.log("api-1"))).toEqual([]);
    expect(complaintsIn(await fleet.log("worker-1"))).toEqual([]);
  });

  it.skipIf(!HAS_PROC)("holds no more memory and files for it (needs /proc)", () => {
    for (const [name, held] of Object.entries(holdings)) {
      const memory = growthOf(held.map(({ residentInMb }) => residentInMb));
      const descriptors = growthOf(held.map((one) => one.descriptors));
      process.stdout.write(
        `${name}: memory x${memory.toFixed(2)}, files x${descriptors.toFixed(2)}\n`,
      );
      expect(memory).toBeLessThan(MOST_GROWTH);
      expect(descriptors).toBeLessThan(MOST_GROWTH);
    }
  });

  it("keeps its secrets out of the logs", async () => {
    const logs = (await fleet.log("api-1")) + (await fleet.log("worker-1"));
    expect(logs).toContain("request-answered");
    expect(secretsOf(fleet).filter((secret) => logs.includes(secret))).toEqual([]);
  });

  it("is left without a fault, and resets completely", async () => {
    await leaveNoFault(fleet.url, routes);
    await fleet.waitForRoster();
    const reset = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", { require: "complete" });
    expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
  });
});

describe("a fleet that asks for keys, under such requests", () => {
  const [readKey, operateKey] = [makeApiKey(), makeApiKey()];
  const asOperator = { headers: { "x-api-key": operateKey } };
  let fleet: StartedFleet;
  let report: FuzzReport;

  beforeAll(async () => {
    fleet = await startFleet({
      replicas: 1,
      waitsForRoster: false,
      env: {
        FLEETQUAKE_API_KEYS_READ: sha256Of(readKey),
        FLEETQUAKE_API_KEYS_OPERATE: sha256Of(operateKey),
      },
    });
    // Whoever got past would find a fleet that does what it is told.
    await until(async () => {
      const { body } = await fleet.get<FleetStatus>("/chaos/status", asOperator);
      return body.roster === "ready" && body.fleet.active === 2;
    }, 30_000);
    const startedAtInMs = performance.now();
    report = await fuzz({
      seed: SEED,
      requests: REQUESTS / 4,
      port: Number(new URL(fleet.url).port),
      routes: await readSurface(fleet.url, asOperator.headers),
      ids: ["api-1", "worker-1", "x"],
      credentials: [null, ["X-API-Key", readKey], ["X-API-Key", makeApiKey()]],
      secrets: [...secretsOf(fleet), readKey, operateKey],
      judge: (answer, { bytes }) => gotPast(answer, bytes.includes(readKey)),
      cleanUp: () => Promise.resolve(),
      check: async () => {
        const { status } = await fleet.get("/livez");
        return status === 200 ? [] : [`/livez is ${status}`];
      },
    });
    tell(report, REQUESTS / 4, performance.now() - startedAtInMs);
  }, RUN_TIMEOUT_IN_MS);

  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
  });

  it("lets nothing past that may not, and answers by the contract", () => {
    expect(report.violations).toEqual([]);
    expect([...report.outcomes.keys()]).toEqual(
      expect.arrayContaining(["401 UNAUTHENTICATED", "403 FORBIDDEN", "429 TOO_MANY_FAILURES"]),
    );
  });

  it("has been told to do nothing, and says of nobody that he was let in", async () => {
    const { body } = await fleet.get<CommandPage>("/chaos/commands", asOperator);
    expect(body.commands).toEqual([]);
    const { body: status } = await fleet.get<FleetStatus>("/chaos/status", asOperator);
    expect(status).toMatchObject({ halted: false, hang: { active: false } });
    const log = await fleet.log("api-1");
    expect(log).toContain("access-refused");
    expect(log).not.toContain("access-granted");
    expect(complaintsIn(log)).toEqual([]);
    expect([readKey, operateKey].filter((key) => log.includes(key))).toEqual([]);
  });

  it("takes a good key as before", async () => {
    const reset = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", {}, asOperator);
    expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
  });
});

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** What the probes tell everybody. */
const OPEN_MEMBERS: ReadonlySet<string> = new Set(["status", "timestamp"]);

/** What was done or told without the right to it. */
function gotPast({ method, status, body }: WireAnswer, mayRead: boolean): readonly string[] {
  if (status >= 400) {
    return [];
  }
  if (method !== UNKNOWN_METHOD && !READS.has(method)) {
    return ["a write got past"];
  }
  if (mayRead || body.length === 0) {
    return method === "OPTIONS" && !mayRead ? ["a read got past"] : [];
  }
  const members = Object.keys(JSON.parse(body.toString()));
  const isProbe = members.every((name) => OPEN_MEMBERS.has(name));
  return isProbe ? [] : ["a read got past"];
}

function tell({ outcomes }: FuzzReport, requests: number, durationInMs: number): void {
  const rows = [...outcomes].toSorted(([one], [other]) => one.localeCompare(other));
  process.stdout.write(
    `fuzzed with FLEETQUAKE_FUZZ_SEED=${SEED}: ${requests} cases in ${(durationInMs / 1_000).toFixed(1)} s: ${rows.map(([outcome, times]) => `${times} x ${outcome}`).join(", ")}\n`,
  );
}

function secretsOf({ busConnectionString }: StartedFleet): readonly string[] {
  const key = /SharedAccessKey=(?<key>[^;]+)/u.exec(busConnectionString)?.groups?.["key"];
  if (key === undefined) {
    throw new Error("the bus has no key");
  }
  return [key, encodeURIComponent(key)];
}

/** Lines that are errors, and whatever was printed by something else than the log: a stack, a warning of Node. */
function complaintsIn(log: string): readonly string[] {
  const lines = log.split("\n").filter((line) => line !== "");
  return lines.filter(
    (line) => !line.startsWith('{"level":') || /^\{"level":(?:50|60|"error"|"fatal")/u.test(line),
  );
}
