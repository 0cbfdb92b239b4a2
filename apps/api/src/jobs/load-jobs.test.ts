import type { CommandOpened, CommandOrder } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { startJobFeed } from "@fleetquake/jobs";
import { describe, expect, it } from "vitest";
import { entryOf } from "../testing/scripted-fleet.ts";
import { LoadJobs } from "./load-jobs.ts";

/** Nobody listens there: the feed waits for Redis, and says so in its ledger. */
const NOWHERE = { host: "127.0.0.1", port: 1 };

function makeJobs() {
  const clock = new FakeClock();
  const jobs = new LoadJobs({ clock, makeFeed: () => startJobFeed({ redis: NOWHERE }) });
  return { clock, jobs };
}

const load = entryOf({ fault: "load", command_id: "01LOAD", duration_ms: 40 });
const parameters = { level: "low", duration_seconds: 10, jobs_per_second: 5 } as const;

function opened(order: CommandOrder): CommandOpened {
  return {
    schema: 1,
    type: "command-opened",
    command_id: "01OTHER",
    epoch: 8,
    target: {},
    expected: [],
    is_roster_complete: true,
    part: 0,
    parts: 1,
    opened_at: "2026-01-01T00:00:00.000Z",
    deadline_at: "2026-01-01T00:00:05.000Z",
    deadline_ms: 5_000,
    issuer: "api-2",
    caller: "ada",
    reason: null,
    ...order,
  };
}

describe("the jobs of a load", () => {
  it("are fed until the load is over, and are told of from then on", async () => {
    const { clock, jobs } = makeJobs();
    expect(jobs.status).toBeNull();
    jobs.begin(load, parameters);
    expect(jobs.status).toMatchObject({
      feeding: true,
      jobs_per_second: 5,
      command_id: "01LOAD",
      added: 0,
    });
    await clock.advance(9_959);
    expect(jobs.status?.feeding).toBe(true);
    await clock.advance(1);
    expect(jobs.status).toMatchObject({ feeding: false, jobs_per_second: 0, command_id: null });
    await jobs[Symbol.asyncDispose]();
  });

  it("are not fed for a load that nobody is under, or that asks for none", () => {
    const { jobs } = makeJobs();
    jobs.begin({ ...load, outcome: "none" }, parameters);
    jobs.begin(load, { ...parameters, jobs_per_second: 0 });
    jobs.begin({ ...load, duration_ms: 10_000 }, parameters);
    expect(jobs.status).toBeNull();
  });

  it.each<{ readonly order: CommandOrder; readonly feeding: boolean }>([
    { order: { fault: "load", action: "recover", parameters: {} }, feeding: false },
    { order: { fault: "halt", action: "inject", parameters: { reason: "" } }, feeding: false },
    { order: { fault: "load", action: "inject", parameters }, feeding: true },
    { order: { fault: "hang", action: "recover", parameters: {} }, feeding: true },
  ])("after $order.fault:$order.action anywhere: feeding is $feeding", async (row) => {
    const { jobs } = makeJobs();
    jobs.begin(load, parameters);
    jobs.onEvent(opened(row.order));
    expect(jobs.status?.feeding).toBe(row.feeding);
    await jobs[Symbol.asyncDispose]();
  });
});
