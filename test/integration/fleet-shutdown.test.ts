import type {
  CommandPage,
  FleetStatus,
  LedgerEntry,
  Problem,
  RedisResetAnswer,
} from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

/** Promised within 5 s; asserted at three times that, since the machine may be busy. */
const END_BOUND_IN_MS = 15_000;

describe("an API that is told to end (SIGTERM)", () => {
  it("answers a collecting reset with what is known and exits with 0; another API goes on with the ledger", async () => {
    await using fleet = await startFleet({ replicas: 2, apis: 2 });
    const before = await settledClientIds(fleet);
    const [ending] = fleet.apis;
    const [frozen] = fleet.workers;
    frozen?.signal("SIGSTOP");
    const answer = fleet.post<RedisResetAnswer>("/chaos/redis-reset", { deadline_ms: 60_000 });
    const open = await waitFor(
      async () => {
        const { body } = await fleet.get<CommandPage>("/chaos/commands", { api: 1 });
        const [entry] = body.commands;
        return entry?.fleet.acknowledged === 3 && entry;
      },
      { what: "acknowledgements of all but one", timeoutInMs: 10_000, pollInMs: 10 },
    );

    const toldAtInMs = performance.now();
    ending?.process.signal("SIGTERM");
    const { status, body } = await answer;
    const answeredInMs = performance.now() - toldAtInMs;
    const end = await ending?.process.ended;
    const endedInMs = performance.now() - toldAtInMs;
    process.stdout.write(
      `SIGTERM: answered after ${Math.round(answeredInMs)} ms, ended after ${Math.round(endedInMs)} ms\n`,
    );
    const left = await idsAfterClosing(fleet, { before, closed: body.connections_closed });
    expect(status).toBe(207);
    expect(body).toMatchObject({
      command_id: open.command_id,
      outcome: "partial",
      fleet: { expected: 4, acknowledged: 3, silent: 1 },
    });
    expect(body.connections_closed).toBe(before.filter((id) => !left.has(id)).length);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(endedInMs).toBeLessThan(END_BOUND_IN_MS);

    // The command is still collected by the other API, which knows that this one said goodbye.
    await waitFor(
      async () => {
        const { body: seen } = await fleet.get<FleetStatus>("/chaos/status", { api: 1 });
        return seen.replicas.some((row) => row.replica_id === "api-1" && row.state === "left");
      },
      { what: "goodbye of the API", timeoutInMs: 10_000 },
    );
    const collecting = await fleet.post<Problem>("/chaos/redis-reset", undefined, { api: 1 });
    expect([collecting.status, collecting.body["command_id"]]).toEqual([409, open.command_id]);
    frozen?.signal("SIGCONT");
    const entry = await waitFor(
      async () => {
        const path = `/chaos/commands/${open.command_id}`;
        const { body: seen } = await fleet.get<LedgerEntry>(path, { api: 1 });
        return seen.outcome !== "pending" && seen;
      },
      { what: "end of the collection", timeoutInMs: 10_000 },
    );
    expect(entry).toMatchObject({
      outcome: "complete",
      connections_closed: before.length,
      fleet: { expected: 4, acknowledged: 4, silent: 0 },
    });
  });

  it("ends once however often it is told, as does a worker, which is not waited for any more", async () => {
    await using fleet = await startFleet({ replicas: 1 });
    const [api] = fleet.apis;
    const [worker] = fleet.workers;
    worker?.signal("SIGTERM");
    worker?.signal("SIGTERM");
    expect(await worker?.ended).toMatchObject({ code: 0, signal: null });
    const { status, body } = await waitFor(
      async () => {
        const answer = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
        return answer.body.fleet.expected === 1 && answer;
      },
      { what: "reset without the worker that said goodbye", timeoutInMs: 20_000 },
    );
    expect([status, body.outcome]).toEqual([200, "complete"]);
    const toldAtInMs = performance.now();
    api?.process.signal("SIGTERM");
    api?.process.signal("SIGTERM");
    expect(await api?.process.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - toldAtInMs).toBeLessThan(END_BOUND_IN_MS);
  });
});
