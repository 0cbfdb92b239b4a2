import type {
  CommandAnswer,
  FleetStatus,
  JobsStatus,
  LedgerEntry,
  Problem,
} from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { processUsage } from "../support/process-usage.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const LOAD = "/chaos/load";
const WORKERS = 2;

/** One fleet for all: two APIs, two workers. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: WORKERS, apis: 2 });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  await fleet.delete(LOAD);
  await untilLoad(false);
});

function start(body: object, api = 0) {
  return fleet.post<CommandAnswer>(LOAD, body, { api });
}

/** Until every API shows a load, or none. */
async function untilLoad(isActive: boolean): Promise<void> {
  await waitFor(
    async () => {
      const answers = await Promise.all(
        [0, 1].map((api) => fleet.get<FleetStatus>("/chaos/status", { api })),
      );
      return answers.every(({ body }) => body.load.active === isActive);
    },
    { what: `a fleet ${isActive ? "under load" : "without load"}`, timeoutInMs: 15_000 },
  );
}

async function jobsOf(api: number): Promise<JobsStatus | undefined> {
  return (await fleet.get<FleetStatus>("/chaos/status", { api })).body.jobs;
}

describe("a load", () => {
  it("is given by every worker and by no API, seen from outside, and is gone after DELETE", async () => {
    const pids = fleet.workers.map(({ pid }) => pid);
    const resting = pids.map((pid) => processUsage(pid));
    const { status, body } = await start({ level: "low", duration_seconds: 60 });
    expect([status, body.status]).toEqual([200, "load_started"]);
    expect(body.fleet).toMatchObject({ expected: WORKERS, acknowledged: WORKERS });
    expect(body.replicas.map(({ role }) => role)).toEqual(["worker", "worker"]);
    for (const { load } of body.replicas) {
      expect(load?.memory_mb).toBe(100);
      expect(load?.cpu_cores).toBeLessThanOrEqual(0.3);
    }
    const { body: shown } = await fleet.get<FleetStatus>("/chaos/status", { api: 1 });
    await untilLoad(true);
    expect(shown.replicas).toHaveLength(WORKERS + 2);
    await waitFor(
      () =>
        pids.every((pid, index) => {
          const grownInMb = processUsage(pid).residentInMb - (resting[index]?.residentInMb ?? 0);
          return grownInMb > 60;
        }),
      { what: "the workers' memory", timeoutInMs: 15_000 },
    );
    const stopped = await fleet.delete<CommandAnswer>(LOAD, { api: 1 });
    expect([stopped.status, stopped.body.status]).toEqual([200, "load_stopped"]);
    await untilLoad(false);
    await waitFor(
      () =>
        pids.every((pid, index) => {
          const grownInMb = processUsage(pid).residentInMb - (resting[index]?.residentInMb ?? 0);
          return grownInMb < 60;
        }),
      { what: "the workers' memory given back", timeoutInMs: 15_000 },
    );
  });

  it("stopped where none runs is 200 all the same", async () => {
    const { status, body } = await fleet.delete<CommandAnswer>(LOAD);
    expect([status, body.status]).toEqual([200, "load_stopped"]);
  });

  it("asked for twice at once, at two APIs: one is accepted, the other is told which one is at work", async () => {
    const answers = await Promise.all([
      fleet.post<CommandAnswer & Problem>(LOAD, { duration_seconds: 60 }, { api: 0 }),
      fleet.post<CommandAnswer & Problem>(LOAD, { duration_seconds: 60 }, { api: 1 }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const refused = answers.find(({ status }) => status === 409);
    const accepted = answers.find(({ status }) => status === 200);
    expect(refused?.headers["retry-after"]).toMatch(/^[1-9]/);
    // Whoever comes while the first one is still being published knows no more than that.
    expect(["CHAOS_ALREADY_ACTIVE", "CHAOS_COLLECTING"]).toContain(refused?.body.code);
    const later = await fleet.post<Problem>(LOAD, {}, { api: 1 });
    expect([later.status, later.body.detail]).toEqual([409, "Load simulation already active"]);
    expect(later.body["command_id"]).toBe(accepted?.body.command_id);
  });

  it("is still active at 95 % of its time, and over at 105 %, at every API", async () => {
    const spanInMs = 4_000;
    const { body } = await start({ duration_seconds: spanInMs / 1_000 });
    const { body: entry } = await fleet.get<LedgerEntry>(`/chaos/commands/${body.command_id}`);
    const startedAtInMs = Date.parse(entry.opened_at);
    const at = (share: number): Promise<boolean> =>
      waitFor(() => Date.now() >= startedAtInMs + spanInMs * share, {
        what: `${share} of the load's time`,
        timeoutInMs: 2 * spanInMs,
        pollInMs: 5,
      });
    await at(0.95);
    const before = await fleet.post<Problem>(LOAD, {}, { api: 1 });
    expect([before.status, before.body.detail]).toEqual([409, "Load simulation already active"]);
    await at(1.05);
    await untilLoad(false);
    const after = await fleet.post<CommandAnswer>(LOAD, { duration_seconds: 1 }, { api: 1 });
    expect(after.status).toBe(200);
  });

  it("may be aimed at one worker, and at an API that is named", async () => {
    const one = fleet.workers[0]?.name ?? "";
    const { body } = await start({ target: { replicas: [one] } });
    expect(body.replicas.map(({ replica_id }) => replica_id)).toEqual([one]);
    await fleet.delete(LOAD);
    const apis = await start({ target: { role: "api" } });
    expect(apis.body.replicas.map(({ role }) => role)).toEqual(["api", "api"]);
  });

  it("feeds the workers' queue where it is asked to, and stops with the load, ended at whichever API", async () => {
    const { status } = await start({ duration_seconds: 60, jobs_per_second: 50 });
    expect(status).toBe(200);
    await waitFor(async () => ((await jobsOf(0))?.completed ?? 0) >= 50, {
      what: "jobs that the load has fed",
      timeoutInMs: 20_000,
    });
    expect(await jobsOf(1)).toBeUndefined();
    await fleet.delete(LOAD, { api: 1 });
    const jobs = await waitFor(
      async () => {
        const seen = await jobsOf(0);
        return seen !== undefined && !seen.feeding && seen.outstanding === 0 && seen;
      },
      { what: "the end of the feed", timeoutInMs: 20_000 },
    );
    expect(jobs).toMatchObject({ lost: 0, failed: 0, run_twice: 0, completed: jobs.added });
  });

  it("does not get in the way of a reset", async () => {
    await start({ level: "high", duration_seconds: 60 });
    await untilLoad(true);
    const reset = await fleet.post<CommandAnswer>("/chaos/redis-reset");
    expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
  });
});
