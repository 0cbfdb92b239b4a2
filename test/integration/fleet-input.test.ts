import type {
  CommandPage,
  DryRunAnswer,
  FleetStatus,
  LedgerEntry,
  Problem,
  RedisResetAnswer,
} from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { CONNECTIONS_PER_WORKER, settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

const RESET = "/chaos/redis-reset";
/** More than the workers can do while the fleet is drained three times. */
const JOBS = 3_000;
const JSON_TYPE = { "content-type": "application/json" };

/** One fleet for all: two APIs, two workers in zone a, one in zone b that is a canary too. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({
    replicas: 2,
    apis: 2,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0", FLEETQUAKE_LABELS: "zone=a" },
  });
  await fleet.startWorker({ FLEETQUAKE_LABELS: "zone=b,ring=canary" });
  await fleet.waitForRoster();
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

async function latestCommand(): Promise<string | null> {
  const { body } = await fleet.get<CommandPage>("/chaos/commands?limit=1");
  return body.commands[0]?.command_id ?? null;
}

/** A reset of a part of the fleet, and who took part in it. */
async function reset(target: object): Promise<RedisResetAnswer & { readonly ids: string[] }> {
  await settledClientIds(fleet);
  const before = await fleet.clientList();
  const { status, body } = await fleet.post<RedisResetAnswer>(RESET, { target });
  const closed = body.connections_closed;
  const left = await idsAfterClosing(fleet, { before: before.map(({ id }) => id), closed });
  expect(status).toBe(200);
  const gone = before.filter(({ id }) => !left.has(id));
  // Some seconds after a reset BullMQ replaces the blocking connection by itself, also of a worker that is not chosen.
  const blocking = gone.filter(({ fields }) => fields["cmd"] === "bzpopmin").length;
  const chosenWorkers = body.replicas.filter(({ role }) => role === "worker").length;
  const replacedByBullmq = Math.max(0, blocking - chosenWorkers);
  expect(body.connections_closed).toBe(gone.length - replacedByBullmq);
  return { ...body, ids: body.replicas.map((row) => row.replica_id).toSorted(byName) };
}

function byName(a: string, b: string): number {
  return a.localeCompare(b);
}

describe("input that is wrong", () => {
  it.each([
    { body: '{"forced":true}', code: "VALIDATION_FAILED", path: "/forced", says: "force" },
    { body: '{"force":1}', code: "VALIDATION_FAILED", path: "/force", says: "true or false" },
    { body: '{"force":null}', code: "VALIDATION_FAILED", path: "/force", says: "true or false" },
    { body: '{"force":"no"}', code: "VALIDATION_FAILED", path: "/force", says: "true or false" },
    { body: '{"target":{}}', code: "VALIDATION_FAILED", path: "/target", says: "target" },
    { body: '{"target":null}', code: "VALIDATION_FAILED", path: "/target", says: "target" },
    { body: '{"target":{"replicas":[]}}', code: "VALIDATION_FAILED", path: "/target/replicas" },
    { body: '{"target":{"roles":"api"}}', code: "VALIDATION_FAILED", path: "/target/roles" },
    { body: '{"force":true,"force":false}', code: "MALFORMED_JSON", path: "/force", says: "twice" },
    { body: '{"force":true', code: "MALFORMED_JSON", path: "", says: "" },
    { body: "[true]", code: "VALIDATION_FAILED", path: "", says: "object" },
    { body: '{"verify":1}', code: "VALIDATION_FAILED", path: "/verify", says: "true or false" },
  ])("is 400, names the member and touches nothing: $body", async ({ body, code, path, says }) => {
    const before = await settledClientIds(fleet);
    const latest = await latestCommand();
    const answer = await fleet.post<Problem>(RESET, body, { headers: JSON_TYPE });
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.body.errors?.map((error) => error.path)).toEqual([path]);
    expect(`${answer.body.detail} ${JSON.stringify(answer.body.errors)}`).toContain(says ?? path);
    expect(await latestCommand()).toBe(latest);
    const after = await fleet.clientIds();
    expect(before.filter((id) => !after.includes(id))).toEqual([]);
  });
});

describe("a target", () => {
  it.each([
    { target: { role: "nobody" }, code: "CHAOS_NO_TARGETS", says: "none of the 5 replicas" },
    { target: { labels: { zone: "c" } }, code: "CHAOS_NO_TARGETS", says: "none of the" },
    {
      target: { role: "api", labels: { zone: "b" } },
      code: "CHAOS_NO_TARGETS",
      says: "none of the",
    },
    { target: { replicas: ["worker-1", "ghost"] }, code: "UNKNOWN_REPLICA", says: "ghost" },
  ])("that matches nobody is 404 and injects nothing: $target", async ({ target, code, says }) => {
    const before = await settledClientIds(fleet);
    const latest = await latestCommand();
    const { status, body } = await fleet.post<Problem>(RESET, { target });
    expect([status, body.code]).toEqual([404, code]);
    expect(body.detail).toContain(says);
    expect(await latestCommand()).toBe(latest);
    const after = await fleet.clientIds();
    expect(before.filter((id) => !after.includes(id))).toEqual([]);
  });

  it("is chosen by role, labels and id, which combine by AND", async () => {
    expect((await reset({ role: "worker" })).ids).toEqual(["worker-1", "worker-2", "worker-3"]);
    expect((await reset({ role: "api" })).ids).toEqual(["api-1", "api-2"]);
    const canary = await reset({ labels: { ring: "canary" } });
    expect(canary.ids).toEqual(["worker-3"]);
    expect(canary.connections_closed).toBe(CONNECTIONS_PER_WORKER);
    expect((await reset({ role: "worker", labels: { zone: "a" } })).ids).toEqual([
      "worker-1",
      "worker-2",
    ]);
    expect((await reset({ replicas: ["worker-2", "api-1"] })).ids).toEqual(["api-1", "worker-2"]);
  });

  it("is a part of the matching replicas by percent, rounded up, and by count", async () => {
    const third = await reset({ role: "worker", percent: 34 });
    expect(third.fleet).toMatchObject({ expected: 2, acknowledged: 2 });
    expect((await reset({ role: "worker", percent: 1 })).ids).toHaveLength(1);
    expect((await reset({ count: 4 })).ids).toHaveLength(4);
    expect((await reset({ labels: { zone: "a" }, count: 100 })).ids).toHaveLength(4);
  });
});

describe("a replica without a connection", () => {
  it("answers 0, which is a success", async () => {
    const api = await fleet.startApi();
    await waitFor(
      async () => {
        const { body } = await fleet.get<FleetStatus>("/chaos/status");
        return body.replicas.some((row) => row.replica_id === api.process.name);
      },
      { what: "new API on the roster", timeoutInMs: 20_000 },
    );
    const { status, body } = await fleet.post<RedisResetAnswer>(RESET, {
      target: { replicas: [api.process.name] },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: "complete",
      connections_closed: 0,
      fleet: { expected: 1, acknowledged: 1 },
      replicas: [{ state: "acknowledged", coverage: "full", connections_closed: 0 }],
    });
    await fleet.waitForRoster();
  });
});

describe("the ways to ask", () => {
  it("dry_run says what would happen, and publishes nothing", async () => {
    const before = await settledClientIds(fleet);
    const latest = await latestCommand();
    const target = { role: "worker" };
    const { status, body } = await fleet.post<DryRunAnswer>(RESET, { dry_run: true, target });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "dry_run",
      connections_closed: 0,
      would_close: 3 * CONNECTIONS_PER_WORKER,
      would_be_refused: null,
      fleet: { expected: 3 },
    });
    expect(await latestCommand()).toBe(latest);
    expect((await fleet.clientIds()).filter((id) => before.includes(id))).toEqual(before);
  });

  it("respond-async is 202 at once; the Location is answered by another API too", async () => {
    await settledClientIds(fleet);
    const accepted = await fleet.post<{ command_id: string }>(RESET, undefined, {
      headers: { prefer: "respond-async" },
    });
    expect(accepted.status).toBe(202);
    const location = String(accepted.headers.location);
    expect(location).toBe(`/chaos/commands/${accepted.body.command_id}`);
    const entry = await waitFor(
      async () => {
        const { status, body } = await fleet.get<LedgerEntry>(location, { api: 1 });
        return status === 200 && body.outcome === "complete" && body;
      },
      { what: "complete entry on the other API", timeoutInMs: 10_000 },
    );
    const { body: own } = await fleet.get<LedgerEntry>(location);
    expect(entry.fleet).toEqual(own.fleet);
    expect(entry.connections_closed).toBe(own.connections_closed);
    expect(entry.connections_closed).toBeGreaterThanOrEqual(3 * CONNECTIONS_PER_WORKER);
  });

  it("require complete makes a partial outcome 504, with the same members", async () => {
    const before = await settledClientIds(fleet);
    const [frozen] = fleet.workers;
    frozen?.signal("SIGSTOP");
    try {
      const { status, body } = await fleet.post<Problem>(RESET, {
        require: "complete",
        deadline_ms: 1_000,
        target: { role: "worker" },
      });
      const closed = Number(body["connections_closed"]);
      const left = await idsAfterClosing(fleet, { before, closed });
      expect([status, body.code, body["outcome"]]).toEqual([504, "CHAOS_PARTIAL", "partial"]);
      expect(body["fleet"]).toMatchObject({ expected: 3, acknowledged: 2, silent: 1 });
      expect(body["connections_closed"]).toBe(before.filter((id) => !left.has(id)).length);
      expect(body.detail).toContain("2 of 3 expected replicas acknowledged: 1 silent");
    } finally {
      frozen?.signal("SIGCONT");
    }
    const whole = await fleet.post<RedisResetAnswer>(RESET, { require: "complete" });
    expect([whole.status, whole.body.outcome]).toEqual([200, "complete"]);
  });
});

describe("a drain of a fleet at work", () => {
  it("fails no job, and every connection is replaced", async () => {
    const before = await settledClientIds(fleet);
    await using queue = new WorkQueue(fleet.redisUrl);
    await queue.add(JOBS);
    const closed: number[] = [];
    for (let round = 1; round <= 3; round += 1) {
      await waitFor(async () => (await fleet.clientIds()).length >= 3 * CONNECTIONS_PER_WORKER, {
        what: "workers with all their connections",
        timeoutInMs: 10_000,
        pollInMs: 10,
      });
      const { status, body } = await fleet.post<RedisResetAnswer>(RESET, {
        force: false,
        drain_timeout_ms: 4_000,
      });
      expect([status, body.outcome]).toEqual([200, "complete"]);
      expect(body.replicas.map(({ interrupted }) => interrupted)).toEqual(
        body.replicas.map(() => 0),
      );
      closed.push(body.connections_closed);
    }
    const doneMeanwhile = await queue.completed();
    process.stdout.write(
      `drained ${closed.join(", ")} connections with ${doneMeanwhile} of ${JOBS} jobs done\n`,
    );
    expect(doneMeanwhile).toBeLessThan(JOBS);
    await queue.waitForCompletion();
    expect(await queue.failed()).toBe(0);
    const after = await fleet.clientIds();
    expect(before.filter((id) => after.includes(id))).toEqual([]);
  });
});
