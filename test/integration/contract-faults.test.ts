import type {
  CommandAnswer,
  FleetStatus,
  Problem,
  RecoveryAnswer,
  RedisResetAnswer,
} from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectProblem } from "../support/expect-problem.ts";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const RESET = "/chaos/redis-reset";
const LOAD = "/chaos/load";
const HANG = "/chaos/hang";
const BLOCK = "/chaos/redis-block";

/** Every fault that lasts, as it is asked for, and the words of its answers. */
const LASTING = [
  {
    path: LOAD,
    body: { duration_seconds: 60 },
    word: "load",
    active: "Load simulation already active",
    ended: "load_stopped",
  },
  {
    path: HANG,
    body: { scope: "jobs", duration_seconds: 60 },
    word: "hang",
    active: "Hang already active",
    ended: "hang_released",
  },
  {
    path: BLOCK,
    body: { duration_seconds: 60 },
    word: "redis_block",
    active: "Redis block already active",
    ended: "redis_block_stopped",
  },
] as const;

/** One fleet for all: two APIs, two workers, and worker-3 that consents to nothing. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({
    replicas: 2,
    apis: 2,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" },
  });
  await fleet.startWorker({ FLEETQUAKE_ALLOW: "none" });
  await fleet.waitForRoster();
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const { path } of LASTING) {
    await fleet.delete(path);
  }
  await untilStatus(
    ({ load, hang, block }) => !load.active && !hang.active && !block.active,
    "fleet without a fault",
  );
});

async function untilStatus(fits: (status: FleetStatus) => boolean, what: string): Promise<void> {
  await waitFor(
    async () => {
      const answers = await Promise.all(
        [0, 1].map((api) => fleet.get<FleetStatus>("/chaos/status", { api })),
      );
      return answers.every(({ body }) => fits(body));
    },
    { what, timeoutInMs: 15_000 },
  );
}

const both = { target: { replicas: ["worker-1", "worker-2"] } };

describe.each(LASTING)("POST $path", ({ path, body, word, active, ended }) => {
  it("answers once it has begun, is 409 at every API while it lasts, whatever is asked, and ends by DELETE", async () => {
    const started = await fleet.post<CommandAnswer>(path, { ...body, ...both });
    expect([started.status, started.body.status]).toEqual([200, `${word}_started`]);
    expect(started.body).toMatchObject({
      ...body,
      outcome: "complete",
      fleet: { expected: 2, acknowledged: 2 },
    });
    for (const api of [0, 1]) {
      for (const second of [body, { ...body, duration_seconds: "x" }, { target: null }]) {
        const refused = await fleet.post<Problem>(path, second, { api });
        const problem = expectProblem(refused, "CHAOS_ALREADY_ACTIVE", path);
        expect([problem.detail, problem["command_id"]]).toEqual([active, started.body.command_id]);
        expect(problem["retry_after_ms"]).toBeLessThanOrEqual(60_000);
      }
    }
    const stopped = await fleet.delete<RecoveryAnswer>(path, { api: 1 });
    expect([stopped.status, stopped.body.status]).toEqual([200, ended]);
    expect(stopped.body.unconfirmed).toEqual([]);
    const again = await fleet.delete<RecoveryAnswer>(path);
    expect([again.status, again.body.status]).toEqual([200, ended]);
  });

  it("leaves APIs out unless the target names one", async () => {
    const named = await fleet.post<CommandAnswer>(path, { ...body, target: { role: "api" } });
    // An API does no jobs that could be held up.
    expect(named.status).toBe(path === HANG ? 502 : 200);
    expect(named.body.replicas.map(({ role }) => role)).toEqual(["api", "api"]);
    await fleet.delete(path);
    const all = await fleet.post<CommandAnswer>(path, body);
    expect(all.body.replicas.map(({ role }) => role)).toEqual(["worker", "worker", "worker"]);
  });
});

describe.each([{ path: RESET, body: {}, word: "redis_connections" }, ...LASTING])(
  "the outcomes of POST $path",
  ({ path, body, word }) => {
    it("are 404 for a target that is nobody or unknown, with nothing injected", async () => {
      const ghost = { ...body, target: { replicas: ["worker-1", "ghost"] } };
      const unknown = expectProblem(
        await fleet.post<Problem>(path, ghost),
        "UNKNOWN_REPLICA",
        path,
      );
      expect(unknown.detail).toContain("ghost");
      expect(unknown.errors?.map((error) => error.path)).toEqual(["/target/replicas/1"]);
      const nobody = { ...body, target: { role: "nobody" } };
      expectProblem(await fleet.post<Problem>(path, nobody), "CHAOS_NO_TARGETS", path);
    });

    it("are 502 when all have refused, and 207 naming those who have", async () => {
      await settledClientIds(fleet);
      const alone = { ...body, target: { replicas: ["worker-3"] } };
      const none = expectProblem(await fleet.post<Problem>(path, alone), "CHAOS_ALL_REFUSED", path);
      expect(none).toMatchObject({
        command_id: expect.any(String),
        outcome: "none",
        published: "yes",
        fleet: { expected: 1, acknowledged: 0, refused: 1 },
        replicas: [
          { replica_id: "worker-3", state: "refused", error: { code: expect.any(String) } },
        ],
      });
      await fleet.delete(path === RESET ? BLOCK : path);
      const workers = { ...body, target: { role: "worker" } };
      const { status, body: partial } = await fleet.post<CommandAnswer>(path, workers);
      expect(status).toBe(207);
      expect(partial.status).toBe(
        path === RESET ? `${word}_partially_reset` : `${word}_partially_started`,
      );
      expect(partial.fleet).toMatchObject({ expected: 3, acknowledged: 2, refused: 1 });
      const refused = partial.replicas.filter(({ state }) => state === "refused");
      expect(refused.map(({ replica_id: id }) => id)).toEqual(["worker-3"]);
    });
  },
);

describe("the DELETE of a fault", () => {
  it("is 207 while somebody who may be under it has not confirmed, and names him", async () => {
    expect((await fleet.post(LOAD, { duration_seconds: 60, ...both })).status).toBe(200);
    fleet.workers[0]?.signal("SIGSTOP");
    try {
      const { status, body } = await fleet.delete<RecoveryAnswer>(LOAD);
      expect([status, body.status]).toEqual([207, "load_partially_stopped"]);
      expect(body.unconfirmed).toEqual(["worker-1"]);
    } finally {
      fleet.workers[0]?.signal("SIGCONT");
    }
  });
});

describe("a load", () => {
  it.each([
    { level: "low", share: 0.3, megabytes: 100 },
    { level: "medium", share: 0.6, megabytes: 500 },
    { level: "high", share: 0.9, megabytes: 1_000 },
  ])("$level burns $share of a core at most and holds $megabytes MB, and is shown", async (row) => {
    const { level, share, megabytes } = row;
    const target = { replicas: ["worker-1"] };
    const { body } = await fleet.post<CommandAnswer>(LOAD, { level, duration_seconds: 30, target });
    const load = body.replicas[0]?.load;
    expect(load).toMatchObject({ memory_mb: megabytes });
    expect(load).toHaveProperty("limited_by");
    expect(load?.cpu_cores).toBeGreaterThan(0);
    expect(load?.cpu_cores).toBeLessThanOrEqual(share);
    await untilStatus(
      ({ load: shown, replicas }) =>
        shown.active &&
        shown.level === level &&
        shown.remaining_seconds > 0 &&
        shown.remaining_seconds <= 30 &&
        replicas.filter((replica) => replica.load.active).length === 1,
      `${level} load in the status`,
    );
  });
});

describe("a request that hangs", () => {
  it("shows 0 s left when it hangs for ever, is this API's alone, and everything else goes on", async () => {
    const hanging = fleet.post<{ status: string }>(HANG, { duration_seconds: 0 });
    await waitFor(async () => (await fleet.get<FleetStatus>("/chaos/status")).body.hang.active, {
      what: "request that hangs",
      timeoutInMs: 10_000,
    });
    const { body: status } = await fleet.get<FleetStatus>("/chaos/status");
    expect(status.hang).toEqual({ active: true, scope: "request", remaining_seconds: 0 });
    const { body: other } = await fleet.get<FleetStatus>("/chaos/status", { api: 1 });
    expect(other.hang.active).toBe(false);
    expectProblem(
      await fleet.post<Problem>(HANG, { duration_seconds: -1 }),
      "CHAOS_ALREADY_ACTIVE",
      HANG,
    );
    for (const path of ["/", "/health", "/livez", "/chaos/replicas"]) {
      expect([path, (await fleet.get(path)).status]).toEqual([path, 200]);
    }
    const { status: code } = await fleet.post<RedisResetAnswer>(RESET, both);
    expect(code).toBe(200);
    expect((await fleet.delete<CommandAnswer>(HANG)).body.status).toBe("hang_released");
    expect((await hanging).status).toBe(200);
  });
});

describe("a hang of event loops", () => {
  it.each([{ role: "api" }, { replicas: ["api-1"] }, { replicas: ["worker-1", "api-2"] }])(
    "is refused with 400 where it is aimed at an API: %j",
    async (target) => {
      const body = { scope: "process", duration_seconds: 5, target };
      const { detail, errors } = expectProblem(
        await fleet.post<Problem>(HANG, body),
        "VALIDATION_FAILED",
        HANG,
      );
      expect(`${detail} ${JSON.stringify(errors)}`).toContain("API");
    },
  );
});

describe("a block", () => {
  it.each(["refuse", "drop"])("in mode %s says what it is, and is shown", async (mode) => {
    const asked = { mode, duration_seconds: 30, ...both };
    const { status, body } = await fleet.post<CommandAnswer>(BLOCK, asked);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "redis_block_started",
      mode,
      duration_seconds: 30,
      scope: "in-process",
      command_id: expect.any(String),
      replicas: [{ state: "acknowledged" }, { state: "acknowledged" }],
    });
    await untilStatus(
      ({ block }) => block.active && block.mode === mode && block.remaining_seconds <= 30,
      "block in the status",
    );
  });
});
