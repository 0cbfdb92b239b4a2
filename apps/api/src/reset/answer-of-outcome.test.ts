import type { FleetTally, LedgerEntry } from "@fleetquake/contract";
import { setImmediate } from "node:timers/promises";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it, vi } from "vitest";
import { makeTestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";
import { entryOf, NO_TALLY, outcomeOf } from "../testing/scripted-fleet.ts";

function close(
  parts: Partial<LedgerEntry>,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const { app, fleet } = makeTestApp();
  fleet.willClose(parts);
  return app.inject({ method: "POST", url: "/chaos/redis-reset", payload: body, headers });
}

const tally = (parts: Partial<FleetTally>): FleetTally => ({ ...NO_TALLY, ...parts });

const partial: Partial<LedgerEntry> = {
  outcome: "partial",
  connections_closed: 15,
  fleet: tally({ expected: 2, acknowledged: 1, silent: 1 }),
  replicas: [
    outcomeOf("worker-1"),
    outcomeOf("worker-2", { state: "silent", connections_closed: 0 }),
  ],
};

describe("the answer to a reset", () => {
  it("is 200 with the sum and each replica when all acknowledged", async () => {
    const answer = await close({});
    expect(answer.statusCode).toBe(200);
    const entry = entryOf();
    expect(answer.json()).toEqual({
      status: "redis_connections_reset",
      connections_closed: 30,
      timestamp: "2026-01-01T00:00:00.000Z",
      command_id: "01COMMAND",
      outcome: "complete",
      published: "yes",
      duration_ms: 40,
      skew_ms: 3,
      skew_uncertainty_ms: 1,
      fleet: entry.fleet,
      replicas: entry.replicas,
    });
  });

  it("is 207 with each replica named when some acknowledged", async () => {
    const answer = await close(partial);
    expect(answer.statusCode).toBe(207);
    expect(answer.json()).toMatchObject({
      status: "redis_connections_partially_reset",
      outcome: "partial",
      connections_closed: 15,
      fleet: { expected: 2, acknowledged: 1, silent: 1 },
      replicas: [{ state: "acknowledged" }, { state: "silent", replica_id: "worker-2" }],
    });
  });

  it("is 504 CHAOS_PARTIAL with the same members when complete was required", async () => {
    const problem = readProblem(await close(partial, { require: "complete" }), "CHAOS_PARTIAL");
    expect(problem).toMatchObject({
      command_id: "01COMMAND",
      outcome: "partial",
      published: "yes",
      connections_closed: 15,
      duration_ms: 40,
      fleet: partial.fleet,
      replicas: partial.replicas,
    });
    expect(problem.detail).toContain("1 of 2 expected replicas acknowledged: 1 silent");
  });

  it("is 200 when complete was required and reached", async () => {
    expect((await close({}, { require: "complete" })).statusCode).toBe(200);
  });

  it.each([
    [{ expected: 3, refused: 3 }, "CHAOS_ALL_REFUSED"],
    [{ expected: 3, refused: 1, failed: 1, expired: 1 }, "CHAOS_ALL_REFUSED"],
    [{ expected: 2, refused: 1, left: 1 }, "CHAOS_ALL_REFUSED"],
    [{ expected: 3, silent: 3 }, "CHAOS_NO_ANSWER"],
    [{ expected: 3, silent: 1, refused: 2 }, "CHAOS_NO_ANSWER"],
    [{ expected: 2, left: 2 }, "CHAOS_NO_ANSWER"],
  ] as const)("with none acknowledged of %j is %s", async (counts, code) => {
    const parts = { outcome: "none", connections_closed: 0, fleet: tally(counts) } as const;
    const problem = readProblem(await close(parts), code);
    expect(problem).toMatchObject({ command_id: "01COMMAND", outcome: "none", published: "yes" });
    expect(problem.detail).toContain(`0 of ${counts.expected} expected replicas`);
    expect(problem.detail).toContain("/chaos/commands/01COMMAND");
  });

  it("says that the command may have gone out when nobody answered and the publish is unknown", async () => {
    const parts = {
      outcome: "none",
      published: "unknown",
      fleet: tally({ expected: 2, silent: 2 }),
    } as const;
    const problem = readProblem(await close(parts), "CHAOS_NO_ANSWER");
    expect(problem["published"]).toBe("unknown");
    expect(problem.detail).toContain("may or may not");
  });

  it("does not answer with an entry that is still collecting", async () => {
    expect(readProblem(await close({ outcome: "pending" }), "INTERNAL_ERROR").code).toBe(
      "INTERNAL_ERROR",
    );
  });
});

describe("Prefer: respond-async", () => {
  it.each(["respond-async", "wait=5, Respond-Async", "respond-async; x=1"])(
    "answers %j with 202 and where to look before anybody answered",
    async (prefer) => {
      const { app, fleet } = makeTestApp();
      fleet.result = { kind: "accepted", commandId: "01/X", closed: new Promise(() => undefined) };
      const answer = await app.inject({
        method: "POST",
        url: "/chaos/redis-reset",
        headers: { prefer },
      });
      expect(answer.statusCode).toBe(202);
      expect(answer.headers["location"]).toBe("/chaos/commands/01%2FX");
      expect(answer.json()).toMatchObject({ status: "redis_reset_accepted", command_id: "01/X" });
    },
  );

  it.each([
    { what: "a failure that the entry tells of", outcome: "none", logged: 0 },
    { what: "anything else that goes wrong afterwards", outcome: "pending", logged: 1 },
  ] as const)("logs $what $logged times", async ({ outcome, logged }) => {
    const { app, fleet } = makeTestApp();
    const errors = vi.fn<(fields: unknown, event?: string) => void>();
    app.addHook("onRequest", (request, _reply, next) => {
      vi.spyOn(request.log, "error").mockImplementation(errors);
      next();
    });
    fleet.willClose({ outcome });
    const headers = { prefer: "respond-async" };
    const answer = await app.inject({ method: "POST", url: "/chaos/redis-reset", headers });
    expect(answer.statusCode).toBe(202);
    await setImmediate();
    expect(errors).toHaveBeenCalledTimes(logged);
  });

  it("is not found in other preferences", async () => {
    const answer = await close({}, {}, { prefer: "wait=5, no-respond-async" });
    expect(answer.statusCode).toBe(200);
  });
});

describe("dry_run", () => {
  it("answers 200 with what would happen, and injects nothing", async () => {
    const { app, fleet } = makeTestApp();
    fleet.inject = () => Promise.reject(new Error("injected"));
    fleet.dryRunResult = {
      ...fleet.dryRunResult,
      would_be_refused: { code: "CHAOS_COOLING_DOWN", retry_after_ms: 800 },
    };
    const answer = await app.inject({
      method: "POST",
      url: "/chaos/redis-reset",
      payload: { dry_run: true, force: false },
      headers: { prefer: "respond-async" },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      status: "dry_run",
      timestamp: "2026-01-01T00:00:00.000Z",
      connections_closed: 0,
      would_close: 30,
      would_be_refused: { code: "CHAOS_COOLING_DOWN", retry_after_ms: 800 },
      fleet: tally({ expected: 2 }),
      replicas: [],
    });
  });
});
