import type {
  CommandPage,
  FleetStatus,
  LedgerEntry,
  ReplicaList,
  ReplicaOutcome,
  ReplicaStatus,
  RedisResetAnswer,
} from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

const STATUS = "/chaos/status";
const COMMANDS = "/chaos/commands";
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** One fleet for all: two APIs, two workers with labels. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({
    replicas: 2,
    apis: 2,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0", FLEETQUAKE_LABELS: "zone=a,ring=b" },
  });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

async function statusOf(api: number): Promise<FleetStatus> {
  return (await fleet.get<FleetStatus>(STATUS, { api })).body;
}

describe("GET /chaos/status", () => {
  it("has every member of the contract and of each replica, at every API", async () => {
    for (const api of [0, 1]) {
      await settledClientIds(fleet, { api });
      const status = await waitFor(
        async () => {
          const seen = await statusOf(api);
          // A replica that has just joined has timed no delivery yet, and may not have had Redis's first reply.
          const isTimed = seen.replicas.every((replica) => replica.clock_offset_ms !== null);
          return isTimed && seen.redis.connected && seen;
        },
        { what: "replicas that have timed their clocks", timeoutInMs: 15_000 },
      );
      expect(status).toMatchObject({
        load: { active: false, level: "none", remaining_seconds: 0 },
        hang: { active: false, remaining_seconds: 0 },
        token_expiry: { active: false, remaining_seconds: 0 },
        redis: { connected: true, connection_count: expect.any(Number) },
        fleet: { replicas: 4, active: 4, stale: 0, left: 0 },
        roster: "ready",
        bus: {
          connected: true,
          tier: "embedded",
          heartbeat_interval_ms: 1_000,
          least_deadline_ms: 0,
        },
        halted: false,
        cool_down: { active: false, remaining_ms: 0 },
      });
      expect(status.replicas).toHaveLength(4);
      for (const replica of status.replicas) {
        expect(replica).toMatchObject({
          replica_id: expect.stringMatching(/^(api|worker)-\d$/),
          instance_id: expect.any(String),
          role: expect.stringMatching(/^(api|worker)$/),
          labels: { zone: "a", ring: "b" },
          allow: ["redis-reset", "load", "hang", "redis-block", "token-expiry"],
          state: "active",
          started_at: expect.stringMatching(TIMESTAMP),
          last_seen: expect.stringMatching(TIMESTAMP),
          clock_offset_ms: expect.any(Number),
          load: { active: false },
          hang: { active: false },
          block: { active: false },
          token_expiry: { active: false },
          redis: { connection_count: expect.any(Number), unseen: 0 },
        });
        const kinds = Object.values(replica.redis.connections);
        const count = kinds.reduce((sum, of) => sum + of, 0);
        expect(replica.redis.connection_count).toBe(count);
      }
    }
  });

  it("rolls up what the replicas hold, and the last of their resets", async () => {
    await settledClientIds(fleet);
    await fleet.post<RedisResetAnswer>("/chaos/redis-reset", { target: { role: "api" } });
    await fleet.post<RedisResetAnswer>("/chaos/redis-reset", { target: { role: "worker" } });
    await settledClientIds(fleet);
    const status = await statusOf(1);
    const sum = status.replicas.reduce((total, { redis }) => total + redis.connection_count, 0);
    expect(status.redis.connection_count).toBe(sum);
    expect(sum).toBe((await fleet.clientIds()).length);
    const resets = status.replicas.map(({ redis }) => redis.last_reset ?? "");
    expect(resets.filter((at) => TIMESTAMP.test(at))).toHaveLength(4);
    expect(status.redis.last_reset).toBe(resets.toSorted().at(-1));
  });

  it("rolls up the load of whoever is under one, with the longest time that is left", async () => {
    const target = { replicas: ["worker-2"] };
    await fleet.post("/chaos/load", { level: "medium", duration_seconds: 50, target });
    try {
      await waitFor(async () => (await statusOf(1)).load.active, {
        what: "load at the other API",
        timeoutInMs: 10_000,
      });
      const { load, replicas } = await statusOf(1);
      expect(load.level).toBe("medium");
      expect(load.remaining_seconds).toBeGreaterThan(30);
      expect(load.remaining_seconds).toBeLessThanOrEqual(50);
      const under = replicas.filter((replica) => replica.load.active);
      expect(under.map(({ replica_id: id }) => id)).toEqual(["worker-2"]);
    } finally {
      await fleet.delete("/chaos/load");
    }
  });

  it("with ?scope=local is the API that was asked, alone", async () => {
    for (const api of [0, 1]) {
      const { status, body } = await fleet.get<FleetStatus>(`${STATUS}?scope=local`, { api });
      expect(status).toBe(200);
      expect(body.fleet).toEqual({ replicas: 1, active: 1, stale: 0, left: 0 });
      expect(body.replicas.map(({ replica_id: id }) => id)).toEqual([`api-${api + 1}`]);
      expect(body.redis.connection_count).toBe(body.replicas[0]?.redis.connection_count);
    }
  });

  it("leaves a replica that never used Redis out of whether Redis is connected", async () => {
    const { name } = await fleet.startWorker({ REDIS_ENABLED: "false" });
    const without = await waitFor(
      async () => {
        const status = await statusOf(0);
        return status.replicas.some(({ replica_id: id }) => id === name) && status;
      },
      { what: "worker without Redis", timeoutInMs: 20_000 },
    );
    const row = without.replicas.find(({ replica_id: id }) => id === name);
    expect([row?.redis.connected, row?.redis.connection_count]).toEqual([null, 0]);
    expect(without.redis.connected).toBe(true);
    fleet.workers.at(-1)?.signal("SIGTERM");
    await waitFor(async () => (await statusOf(0)).fleet.left === 1, {
      what: "goodbye of that worker",
      timeoutInMs: 20_000,
    });
    expect((await statusOf(0)).fleet).toEqual({ replicas: 4, active: 4, stale: 0, left: 1 });
  });

  it("says that Redis is not connected while a worker's is gone, and is answered all the same", async () => {
    fleet.redis.signal("SIGSTOP");
    try {
      expect((await fleet.post("/chaos/redis-reset")).status).toBe(200);
      await waitFor(async () => !(await statusOf(1)).redis.connected, {
        what: "status without Redis",
        timeoutInMs: 10_000,
      });
    } finally {
      fleet.redis.signal("SIGCONT");
    }
    await waitFor(async () => (await statusOf(1)).redis.connected, {
      what: "status with Redis again",
      timeoutInMs: 15_000,
    });
  });
});

describe("GET /chaos/replicas", () => {
  it("is the status's list, and has each by its id", async () => {
    const { status, body } = await fleet.get<ReplicaList>("/chaos/replicas", { api: 1 });
    expect(status).toBe(200);
    const ids = body.replicas.map(({ replica_id: id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["api-1", "api-2", "worker-1", "worker-2"]));
    const one = await fleet.get<ReplicaStatus>("/chaos/replicas/worker-1", { api: 1 });
    expect(one.body).toMatchObject({ replica_id: "worker-1", role: "worker", state: "active" });
  });
});

describe("GET /chaos/commands", () => {
  it("has the same commands on the same pages at each API, newest first, each once", async () => {
    const sent: string[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      const reset = { target: { role: "api" }, reason: `turn ${turn}` };
      // Until this API has heard that the other's command has closed, it refuses, and names that one.
      const commandId = await waitFor(
        async () => {
          const { status, body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", reset, {
            api: turn % 2,
          });
          return status === 200 && body.command_id;
        },
        { what: `reset of turn ${turn}`, timeoutInMs: 10_000 },
      );
      sent.push(commandId);
    }
    for (const api of [0, 1]) {
      await waitFor(async () => (await pages(api))[0]?.[0] === sent.at(-1), {
        what: `every command at API ${api}`,
        timeoutInMs: 10_000,
      });
    }
    const [first, second] = [await pages(0), await pages(1)];
    expect(second).toEqual(first);
    const all = first.flat();
    expect(all.slice(0, 7)).toEqual(sent.toReversed());
    expect(new Set(all).size).toBe(all.length);
    expect(first.slice(0, -1).every((page) => page.length === 3)).toBe(true);
    expect(first.length).toBeGreaterThan(2);
  });

  it("shows the entry of a command, with its recovery, at an API that did not issue it", async () => {
    await settledClientIds(fleet);
    const { body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", {
      target: { role: "worker" },
    });
    await using queue = new WorkQueue(fleet.redisUrl);
    await queue.add(400);
    const entry = await waitFor(
      async () => {
        const path = `${COMMANDS}/${body.command_id}`;
        const seen = (await fleet.get<LedgerEntry>(path, { api: 1 })).body;
        const hasWorked = ({ recovery }: ReplicaOutcome): boolean =>
          typeof recovery?.work_recovered_ms === "number";
        return seen.recovery?.not_back.length === 0 && seen.replicas.every(hasWorked) && seen;
      },
      { what: "recovery at the other API", timeoutInMs: 20_000 },
    );
    expect(entry).toMatchObject({
      command_id: body.command_id,
      fault: "redis-reset",
      action: "inject",
      outcome: "complete",
      connections_closed: body.connections_closed,
      fleet: body.fleet,
      closed_at: expect.stringMatching(TIMESTAMP),
    });
    for (const { recovery } of entry.replicas) {
      expect(recovery).toMatchObject({
        socket_recovered_ms: expect.any(Number),
        all_back_ms: expect.any(Number),
        command_recovered_ms: expect.any(Number),
        work_recovered_ms: expect.any(Number),
        reconnect_attempts: expect.any(Number),
      });
    }
    const { socket_recovered_ms, all_back_ms, command_recovered_ms, work_recovered_ms } =
      entry.recovery ?? {};
    for (const clock of [
      socket_recovered_ms,
      all_back_ms,
      command_recovered_ms,
      work_recovered_ms,
    ]) {
      const { p50, p95, max } = clock ?? { p50: 0, p95: 0, max: 0 };
      expect([p50 <= p95, p95 <= max, max > 0]).toEqual([true, true, true]);
    }
  });
});

/** The ids on all pages of three, in order. */
async function pages(api: number): Promise<readonly (readonly string[])[]> {
  const all: (readonly string[])[] = [];
  let next: string | null = null;
  do {
    const before: string = next === null ? "" : `&before=${next}`;
    const { body } = await fleet.get<CommandPage>(`${COMMANDS}?limit=3${before}`, { api });
    all.push(body.commands.map(({ command_id: id }) => id));
    next = body.next;
  } while (next !== null);
  return all;
}
