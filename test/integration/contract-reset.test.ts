import { request } from "node:http";
import type {
  CommandPage,
  DryRunAnswer,
  FleetStatus,
  LedgerEntry,
  Problem,
  RedisResetAnswer,
} from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { expectProblem } from "../support/expect-problem.ts";
import { CONNECTIONS_PER_WORKER, settledClientIds } from "../support/settled-client-ids.ts";
import { startBusProxy } from "../support/start-bus-proxy.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { startUsers } from "../support/start-users.ts";
import { waitFor } from "../support/wait-for.ts";

const RESET = "/chaos/redis-reset";
const COOL_DOWN_IN_MS = 1_000;
const WORKERS = { target: { role: "worker" } };

/** One fleet for all: two APIs, two workers. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({
    replicas: 2,
    apis: 2,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: `${COOL_DOWN_IN_MS}` },
  });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const worker of fleet.workers) {
    worker.signal("SIGCONT");
  }
  await untilCool();
});

async function untilCool(): Promise<void> {
  await waitFor(
    async () => {
      const pages = await Promise.all(
        [0, 1].map((api) => fleet.get<FleetStatus>("/chaos/status", { api })),
      );
      return pages.every(({ body }) => !body.cool_down.active);
    },
    { what: "end of the cool-down", timeoutInMs: 10_000 },
  );
}

/** A settled fleet, then a reset; and how many of the clients of before are gone after it. */
async function reset(
  body?: object,
): Promise<{ readonly answer: RedisResetAnswer; readonly gone: number }> {
  const before = await settledClientIds(fleet);
  await untilCool();
  const { status, body: answer } = await fleet.post<RedisResetAnswer>(RESET, body);
  const left = await idsAfterClosing(fleet, { before, closed: answer.connections_closed });
  expect([status, answer.outcome]).toEqual([200, "complete"]);
  return { answer, gone: before.filter((id) => !left.has(id)).length };
}

async function entryOf(commandId: string, api = 0): Promise<LedgerEntry> {
  return (await fleet.get<LedgerEntry>(`/chaos/commands/${commandId}`, { api })).body;
}

describe("the answer to a reset", () => {
  it("has every member of the contract, and sums up its replicas", async () => {
    const { answer, gone } = await reset({ reason: "to see its members" });
    expect(answer).toMatchObject({
      status: "redis_connections_reset",
      connections_closed: gone,
      timestamp: expect.stringMatching(/\.\d{3}Z$/),
      command_id: expect.any(String),
      published: "yes",
      duration_ms: expect.any(Number),
      skew_ms: expect.any(Number),
      skew_uncertainty_ms: expect.any(Number),
      fleet: {
        expected: 4,
        acknowledged: 4,
        failed: 0,
        refused: 0,
        expired: 0,
        silent: 0,
        left: 0,
        late: 0,
        joined_late: 0,
      },
    });
    for (const row of answer.replicas) {
      expect(row).toMatchObject({
        replica_id: expect.any(String),
        instance_id: expect.any(String),
        role: expect.stringMatching(/^(api|worker)$/),
        state: "acknowledged",
        coverage: "full",
        connecting_aborted: expect.any(Number),
        unseen: 0,
        closed_by: "process",
        closed_at: expect.stringMatching(/\.\d{3}Z$/),
        duration_ms: expect.any(Number),
      });
      const kinds = Object.values(row.connections ?? {});
      expect(kinds.reduce((sum, count) => sum + count, 0)).toBe(row.connections_closed);
    }
    const sum = answer.replicas.reduce((total, row) => total + (row.connections_closed ?? 0), 0);
    expect(answer.connections_closed).toBe(sum);
    const entry = await entryOf(answer.command_id);
    expect([entry.reason, entry.deadline_ms]).toEqual(["to see its members", 5_000]);
  });

  it("to a drain says how, and waits for 3 s more than the drain may take", async () => {
    const { answer, gone } = await reset({ force: false, drain_timeout_ms: 2_000, ...WORKERS });
    expect(answer.connections_closed).toBe(gone);
    for (const row of answer.replicas) {
      expect(row).toMatchObject({
        drain_method: "server",
        drained: CONNECTIONS_PER_WORKER,
        interrupted: 0,
      });
    }
    const entry = await entryOf(answer.command_id);
    expect(entry.parameters).toMatchObject({ force: false, drain_timeout_ms: 2_000 });
    expect(entry.deadline_ms).toBe(5_000);
  });

  it("counts as interrupted what is still in flight when the drain's time is over", async () => {
    await using _users = startUsers(fleet.url, { users: 4 });
    await settledClientIds(fleet);
    await untilCool();
    fleet.redis.signal("SIGSTOP");
    try {
      // The users open connections as they need them: which ones were closed only the addresses tell.
      const target = { role: "api" };
      const drain = { force: false, drain_timeout_ms: 500, verify: true, target };
      const { status, body } = await fleet.post<RedisResetAnswer>(RESET, drain);
      expect([status, body.outcome]).toEqual([200, "complete"]);
      const row = body.replicas.find(({ replica_id: id }) => id === "api-1");
      process.stdout.write(
        `a drain of ${row?.connections_closed} connections in use: ${row?.drained} drained, ${row?.interrupted} interrupted\n`,
      );
      expect(row?.interrupted).toBeGreaterThan(0);
      expect((row?.drained ?? 0) + (row?.interrupted ?? 0)).toBe(row?.connections_closed);
      fleet.redis.signal("SIGCONT");
      const closed = new Set(body.replicas.flatMap((one) => one.closed_addresses ?? []));
      expect(closed.size).toBe(body.connections_closed);
      await waitFor(
        async () => {
          const left = await fleet.clientList();
          return left.every(({ fields }) => !closed.has(fields["addr"] ?? ""));
        },
        { what: "a CLIENT LIST without what was closed", timeoutInMs: 10_000 },
      );
    } finally {
      fleet.redis.signal("SIGCONT");
    }
  });

  it("is verified by CLIENT LIST when asked, and inconclusive where that cannot be had", async () => {
    const { answer, gone } = await reset({ verify: true });
    expect(answer.verification).toEqual({
      claimed: gone,
      confirmed: gone,
      unexplained: 0,
      verdict: "confirmed",
    });
    await settledClientIds(fleet);
    await untilCool();
    fleet.redis.signal("SIGSTOP");
    try {
      const blind = await fleet.post<RedisResetAnswer>(RESET, { verify: true, ...WORKERS });
      expect(blind.body.verification).toMatchObject({
        claimed: 2 * CONNECTIONS_PER_WORKER,
        confirmed: 0,
        verdict: "inconclusive",
        why: expect.stringMatching(/./),
      });
    } finally {
      fleet.redis.signal("SIGCONT");
    }
  });

  it("to a dry run says who would refuse, when to come back, and neither resets nor consumes", async () => {
    const { answer } = await reset(WORKERS);
    const { status, body } = await fleet.post<DryRunAnswer>(RESET, { dry_run: true });
    expect([status, body.status]).toEqual([200, "dry_run"]);
    expect(body.would_be_refused?.code).toBe("CHAOS_COOLING_DOWN");
    expect(body.would_be_refused?.retry_after_ms).toBeGreaterThan(0);
    await settledClientIds(fleet);
    await untilCool();
    const free = await fleet.post<DryRunAnswer>(RESET, { dry_run: true, ...WORKERS });
    expect(free.body).toMatchObject({
      would_be_refused: null,
      connections_closed: 0,
      would_close: 2 * CONNECTIONS_PER_WORKER,
      fleet: { expected: 2 },
    });
    const page = await fleet.get<CommandPage>("/chaos/commands?limit=1");
    expect(page.body.commands[0]?.command_id).toBe(answer.command_id);
    expect((await fleet.post(RESET, WORKERS)).status).toBe(200);
  });
});

describe("the cool-down", () => {
  it("holds at every API, whatever the target, and says when it is over", async () => {
    const { answer } = await reset(WORKERS);
    const other = { target: { role: "api" } };
    const refused = await fleet.post<Problem>(RESET, other, { api: 1 });
    const problem = expectProblem(refused, "CHAOS_COOLING_DOWN", RESET);
    expect(problem["command_id"]).toBe(answer.command_id);
    expect(problem.detail).toContain(answer.command_id);
    expect(problem["retry_after_ms"]).toBeLessThanOrEqual(COOL_DOWN_IN_MS);
  });
});

describe("a reset that nobody answers by the deadline", () => {
  it("is 504, consumes the cool-down, and its entry is amended by what comes late", async () => {
    await settledClientIds(fleet);
    await untilCool();
    const [first, second] = fleet.workers;
    first?.signal("SIGSTOP");
    second?.signal("SIGSTOP");
    const silent = await fleet.post<Problem>(RESET, { deadline_ms: 500, ...WORKERS });
    const { command_id: commandId, ...problem } = expectProblem(silent, "CHAOS_NO_ANSWER", RESET);
    expect(problem).toMatchObject({
      outcome: "none",
      published: "yes",
      connections_closed: 0,
      fleet: { expected: 2, acknowledged: 0, silent: 2 },
      replicas: [{ state: "silent" }, { state: "silent" }],
    });
    expectProblem(await fleet.post<Problem>(RESET), "CHAOS_COOLING_DOWN", RESET);
    first?.signal("SIGCONT");
    second?.signal("SIGCONT");
    await waitFor(
      async () => {
        const { fleet: tally } = await entryOf(String(commandId), 1);
        return tally.silent - tally.late === 0;
      },
      { what: "late answers in the other API's ledger", timeoutInMs: 15_000 },
    );
  });

  it("is 207 that names who was silent when others did answer", async () => {
    const before = await settledClientIds(fleet);
    await untilCool();
    fleet.workers[0]?.signal("SIGSTOP");
    const { status, body } = await fleet.post<RedisResetAnswer>(RESET, { deadline_ms: 500 });
    const left = await idsAfterClosing(fleet, { before, closed: body.connections_closed });
    expect([status, body.status]).toEqual([207, "redis_connections_partially_reset"]);
    expect(body.connections_closed).toBe(before.filter((id) => !left.has(id)).length);
    const silent = body.replicas.filter(({ state }) => state === "silent");
    expect(silent.map(({ replica_id: id }) => id)).toEqual(["worker-1"]);
    expectProblem(await fleet.post<Problem>(RESET), "CHAOS_COOLING_DOWN", RESET);
  });
});

describe("a client that goes away while answers are collected", () => {
  it("cancels nothing: the reset is carried out and recorded", async () => {
    await settledClientIds(fleet);
    await untilCool();
    const [frozen] = fleet.workers;
    frozen?.signal("SIGSTOP");
    const outgoing = request(`${fleet.url}${RESET}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    outgoing.on("error", () => undefined);
    outgoing.end(JSON.stringify({ deadline_ms: 20_000, reason: "whose client went away" }));
    const open = await waitFor(
      async () => {
        const { body } = await fleet.get<CommandPage>("/chaos/commands?limit=1");
        const [entry] = body.commands;
        return entry?.reason === "whose client went away" && entry;
      },
      { what: "command that collects", timeoutInMs: 10_000, pollInMs: 10 },
    );
    outgoing.destroy();
    frozen?.signal("SIGCONT");
    const entry = await waitFor(
      async () => {
        // The other API may not have heard of the command yet: it knows no entry then.
        const seen: Partial<LedgerEntry> = await entryOf(open.command_id, 1);
        return seen.outcome !== undefined && seen.outcome !== "pending" && seen;
      },
      { what: "end of the collection", timeoutInMs: 25_000 },
    );
    expect(entry).toMatchObject({ outcome: "complete", fleet: { expected: 4, acknowledged: 4 } });
  });
});

describe("another reset while one is collecting", () => {
  it("is 409 at every API, right or wrong, and names the one that collects", async () => {
    await settledClientIds(fleet);
    await untilCool();
    const [frozen] = fleet.workers;
    frozen?.signal("SIGSTOP");
    const collecting = fleet.post<RedisResetAnswer>(RESET, { deadline_ms: 5_000 });
    const open = await waitFor(
      async () => {
        const { body } = await fleet.get<CommandPage>("/chaos/commands?limit=1", { api: 1 });
        return body.commands[0]?.outcome === "pending" && body.commands[0];
      },
      { what: "command that collects", timeoutInMs: 10_000, pollInMs: 10 },
    );
    for (const api of [0, 1]) {
      for (const body of [undefined, { force: 1 }, { target: { role: "nobody" } }]) {
        const refused = await fleet.post<Problem>(RESET, body, { api });
        const problem = expectProblem(refused, "CHAOS_COLLECTING", RESET);
        expect(problem["command_id"]).toBe(open.command_id);
      }
    }
    frozen?.signal("SIGCONT");
    expect((await collecting).body).toMatchObject({
      command_id: open.command_id,
      outcome: "complete",
    });
  });
});

describe("a reset whose publish was never confirmed", () => {
  it("is 504 that says so, and is amended when it turns out to have gone out", async () => {
    await settledClientIds(fleet);
    await untilCool();
    const bus = await startBusProxy(fleet.busConnectionString);
    await using proxy = bus.proxy;
    await fleet.startApi({ FLEETQUAKE_BUS_CONNECTION_STRING: bus.connectionString });
    await fleet.waitForRoster();
    await untilCool();
    const heldUp = proxy.holdUp('"type":"command"');
    const answer = fleet.post<Problem>(RESET, WORKERS, { api: 2, timeoutInMs: 40_000 });
    await heldUp;
    const problem = expectProblem(await answer, "CHAOS_NO_ANSWER", RESET);
    expect(problem).toMatchObject({ outcome: "none", published: "unknown" });
    expect(problem.detail).toContain("may or may not have gone out");
    proxy.release();
    await waitFor(
      async () => {
        const { fleet: tally } = await entryOf(String(problem["command_id"]));
        return tally.late + tally.expired === 2;
      },
      { what: "answers to what went out late, in another API's ledger", timeoutInMs: 15_000 },
    );
  });
});
