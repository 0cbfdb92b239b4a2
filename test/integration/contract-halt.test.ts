import type {
  CommandAnswer,
  CommandPage,
  FleetStatus,
  LedgerEntry,
  Problem,
  RecoveryAnswer,
} from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectProblem } from "../support/expect-problem.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const HALT = "/chaos/halt";
const RESET = "/chaos/redis-reset";
const HANG = "/chaos/hang";

/** One fleet for all: two APIs, two workers. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({
    replicas: 2,
    apis: 2,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "60000" },
  });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const worker of fleet.workers) {
    worker.signal("SIGCONT");
  }
  await fleet.delete(HALT);
  await untilHalted(false);
});

async function statusOf(api: number): Promise<FleetStatus> {
  return (await fleet.get<FleetStatus>("/chaos/status", { api })).body;
}

async function untilHalted(isHalted: boolean): Promise<void> {
  await waitFor(
    async () => {
      const statuses = await Promise.all([statusOf(0), statusOf(1)]);
      return statuses.every(({ halted }) => halted === isHalted);
    },
    { what: `a fleet that is ${isHalted ? "" : "not "}halted`, timeoutInMs: 20_000 },
  );
}

describe("POST /chaos/halt", () => {
  it("goes ahead of a reset that still collects, and is 207 that names who has not confirmed", async () => {
    fleet.workers[0]?.signal("SIGSTOP");
    const collecting = fleet.post<CommandAnswer>(RESET, { deadline_ms: 60_000 });
    await waitFor(
      async () => {
        const { body } = await fleet.get<CommandPage>("/chaos/commands?limit=1", { api: 1 });
        return body.commands[0]?.outcome === "pending";
      },
      { what: "reset that collects", timeoutInMs: 10_000, pollInMs: 10 },
    );
    const halt = await fleet.post<RecoveryAnswer>(HALT, { reason: "one stands still" }, { api: 1 });
    expect([halt.status, halt.body.status]).toEqual([207, "partially_halted"]);
    expect(halt.body.unconfirmed).toEqual(["worker-1"]);
    fleet.workers[0]?.signal("SIGCONT");
    expect([200, 207]).toContain((await collecting).status);
    await waitFor(
      async () => {
        const path = `/chaos/commands/${halt.body.command_id}`;
        const { fleet: tally } = (await fleet.get<LedgerEntry>(path)).body;
        return tally.late + tally.expired === 1;
      },
      { what: "late confirmation in the other API's ledger", timeoutInMs: 15_000 },
    );
    await waitFor(async () => (await statusOf(0)).replicas.every(({ halted }) => halted), {
      what: "every replica halted",
      timeoutInMs: 15_000,
    });
  });

  it("answers with everybody's confirmation, may be repeated, needs no reason and waits for no cool-down", async () => {
    expect([200, 429]).toContain((await fleet.post(RESET)).status);
    expect((await statusOf(0)).cool_down.active).toBe(true);
    const halt = await fleet.post<RecoveryAnswer>(HALT, { reason: "first" });
    expect(halt.status).toBe(200);
    expect(halt.body).toMatchObject({
      status: "halted",
      halted: true,
      unconfirmed: [],
      command_id: expect.any(String),
      fleet: { expected: 4, acknowledged: 4 },
    });
    const again = await fleet.post<RecoveryAnswer>(HALT, { reason: "second" }, { api: 1 });
    expect([again.status, again.body.status]).toEqual([200, "halted"]);
    const bare = await fleet.post<RecoveryAnswer>(HALT);
    expect([bare.status, bare.body.status]).toEqual([200, "halted"]);
    await untilHalted(true);
    const released = await fleet.delete<RecoveryAnswer>(HALT, { api: 1 });
    expect([released.status, released.body.status]).toEqual([200, "halt_released"]);
  });

  it("ends a request that hangs at whichever API", async () => {
    const hanging = fleet.post<CommandAnswer>(HANG, { duration_seconds: 0 });
    await waitFor(async () => (await statusOf(0)).hang.active, {
      what: "request that hangs",
      timeoutInMs: 10_000,
    });
    expect((await fleet.post(HALT, { reason: "elsewhere" }, { api: 1 })).status).toBe(200);
    const { status, body } = await hanging;
    expect([status, body.status]).toEqual([200, "hang_released"]);
  });

  it("without a bus is 503, and holds at this API all the same; it goes out when the bus is back", async () => {
    await fleet.killBroker();
    await waitFor(async () => !(await statusOf(0)).bus.connected, {
      what: "API that has noticed",
      timeoutInMs: 20_000,
    });
    const halt = await fleet.post<Problem>(HALT, { reason: "bus down" });
    const unsent = expectProblem(halt, "CHAOS_BUS_UNAVAILABLE", HALT);
    expect(unsent["halt"]).toMatchObject({ reason: "bus down" });
    const { halt: notice } = expectProblem(await fleet.post(RESET), "CHAOS_HALTED", RESET);
    expect(notice).toMatchObject({
      halted_by: expect.stringMatching(/./),
      halted_at: expect.stringMatching(/\.\d{3}Z$/),
      reason: "bus down",
    });
    const hang = await fleet.post<Problem>(HANG, { duration_seconds: 1 });
    expectProblem(hang, "CHAOS_HALTED", HANG);
    await fleet.restartBroker();
    await untilHalted(true);
    await waitFor(async () => (await statusOf(1)).replicas.every(({ halted }) => halted), {
      what: "every replica halted",
      timeoutInMs: 20_000,
    });
    const elsewhere = await fleet.post<Problem>(RESET, undefined, { api: 1 });
    expect(expectProblem(elsewhere, "CHAOS_HALTED", RESET)["halt"]).toMatchObject({
      reason: "bus down",
    });
  });
});
