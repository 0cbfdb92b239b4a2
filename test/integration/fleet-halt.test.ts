import type { CommandAnswer, FleetStatus, LedgerEntry, Problem } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const HALT = "/chaos/halt";

/** One fleet for all: two APIs, two workers. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: 2, apis: 2 });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

describe("a halt", () => {
  it("ends everything on every replica within a moment, and refuses new faults at every API", async () => {
    await fleet.post("/chaos/load", { level: "low", duration_seconds: 600 });
    await fleet.post("/chaos/redis-block", { duration_seconds: 600 });
    await fleet.post("/chaos/hang", { scope: "process", duration_seconds: 300 });
    const requestHang = fleet.post<{ status: string }>("/chaos/hang", { duration_seconds: 0 });
    const refusedHang = await requestHang;
    expect(refusedHang.status).toBe(409);
    const halt = await fleet.post<CommandAnswer>(HALT, { reason: "a real incident" });
    expect([halt.status, halt.body.status]).toEqual([200, "halted"]);
    expect(halt.durationInMs).toBeLessThan(6_000);
    process.stdout.write(`a halt of load, block and hang: ${Math.round(halt.durationInMs)} ms\n`);
    const ended = halt.body.replicas
      .filter(({ role }) => role === "worker")
      .map(({ recovered }) => recovered?.toSorted());
    expect(ended).toEqual(Array.from({ length: 2 }, () => ["hang", "load", "redis-block"]));
    await waitFor(async () => (await statusOf(1)).halted, {
      what: "the other API's knowledge of the halt",
      timeoutInMs: 10_000,
    });
    for (const [path, body] of [
      ["/chaos/load", { level: "low" }],
      ["/chaos/redis-block", { duration_seconds: 1 }],
      ["/chaos/hang", { scope: "jobs", duration_seconds: 1 }],
      ["/chaos/hang", { duration_seconds: 1 }],
      ["/chaos/redis-reset", {}],
    ] as const) {
      const refused = await fleet.post<Problem>(path, body, { api: 1 });
      expect([path, refused.status, refused.body.code]).toEqual([path, 423, "CHAOS_HALTED"]);
      expect(refused.body["halt"]).toMatchObject({ reason: "a real incident" });
    }
    await waitFor(async () => isIdle(await statusOf(0)), {
      what: "a fleet without a fault",
      timeoutInMs: 10_000,
    });
  });

  it("holds for APIs and workers that come after it, until it is released", async () => {
    await fleet.startApi();
    await fleet.startWorker();
    await fleet.waitForRoster();
    const last = fleet.apis.length - 1;
    await waitFor(
      async () => {
        const { body } = await fleet.get<FleetStatus>("/chaos/status", { api: last });
        return body.halted && body.replicas.every(({ halted }) => halted);
      },
      { what: "newcomers that know of the halt", timeoutInMs: 15_000 },
    );
    const refused = await fleet.post<Problem>("/chaos/redis-reset", {}, { api: last });
    expect(refused.body.code).toBe("CHAOS_HALTED");
    const released = await fleet.delete<CommandAnswer>(HALT, { api: last });
    expect([released.status, released.body.status]).toEqual([200, "halt_released"]);
    const reset = await fleet.post<CommandAnswer>("/chaos/redis-reset", {}, { api: last });
    expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
  });

  it("is in the ledger of every API", async () => {
    const halt = await fleet.post<CommandAnswer>(HALT, { reason: "again" });
    await fleet.delete(HALT);
    const path = `/chaos/commands/${halt.body.command_id}`;
    const entry = await waitFor(
      async () => {
        const { status, body } = await fleet.get<LedgerEntry>(path, { api: 1 });
        return status === 200 && body.outcome !== "pending" && body;
      },
      { what: "the halt in the other API's ledger", timeoutInMs: 10_000 },
    );
    expect(entry).toMatchObject({ fault: "halt", outcome: "complete", reason: "again" });
  });
});

async function statusOf(api: number): Promise<FleetStatus> {
  return (await fleet.get<FleetStatus>("/chaos/status", { api })).body;
}

function isIdle({ load, hang, block }: FleetStatus): boolean {
  return !load.active && !hang.active && !block.active;
}
