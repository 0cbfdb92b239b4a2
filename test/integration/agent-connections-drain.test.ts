import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startConnectionsApp, type ConnectionsApp } from "../support/connections-app.ts";
import { openRedisAdmin, type RedisAdmin } from "../support/redis-admin.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

let redis: StartedRedis;
let admin: RedisAdmin;
let app: ConnectionsApp;

beforeEach(async () => {
  redis = await startRedis({ tls: true });
  admin = openRedisAdmin(redis.port);
  app = await startConnectionsApp();
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await admin[Symbol.asyncDispose]();
  await redis.stop();
});

async function trackWithControl(): Promise<void> {
  const tls = { ca: redis.ca ?? "" };
  await app.call("track", { control: { url: redis.url, tls } });
}

/** Waits until so many clients of the server satisfy a filter on their CLIENT LIST row. */
async function untilListed(pattern: RegExp, count: number): Promise<void> {
  await until(async () => {
    const rows = String(await admin.redis.client("LIST")).split("\n");
    return rows.filter((row) => pattern.test(row)).length === count;
  });
}

describe("a drain", () => {
  it("under 64-way INCR loses nothing, doubles nothing and shows no error, again and again", async () => {
    await trackWithControl();
    await app.call("open", "pooled", { port: redis.port, count: 12 });
    await app.call("open", "pooled", { port: redis.tlsPort, ca: redis.ca, count: 2 });
    await app.call("open", "nodeRedisClient", { port: redis.port });
    await app.call("open", "nodeRedisClient", { port: redis.tlsPort, ca: redis.ca });
    await app.call("startLoad", { lanes: 64, key: "counter" });
    const rounds = process.env["FLEETQUAKE_TEST_SIZE"] === "full" ? 40 : 10;
    const durations: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await until(async () => (await app.call("state")).connection_count === 16);
      const { report, durationInMs } = await app.call("close", { force: false });
      durations.push(durationInMs);
      expect(report).toMatchObject({ drain_method: "server", drained: 16, interrupted: 0 });
    }
    const { acknowledged, errors } = await app.call("stopLoad");
    expect(errors).toEqual([]);
    expect(Number(await admin.redis.get("counter"))).toBe(acknowledged);
    expect(acknowledged).toBeGreaterThan(rounds * 64);
    const sorted = durations.toSorted((a, b) => a - b);
    process.stdout.write(`drain under load: p50 ${sorted[rounds >> 1]?.toFixed(1)} ms\n`);
  });

  it("ends blocked pops without losing what they take", async () => {
    await trackWithControl();
    const poppers = 10;
    for (let opened = 0; opened < poppers; opened += 1) {
      await app.call("open", "popper", { port: redis.port, key: "queue" });
    }
    await untilListed(/cmd=bzpopmin/u, poppers);
    let added = 0;
    const add = async (): Promise<void> => {
      added += 1;
      await admin.redis.zadd("queue", added, `member-${added}`);
    };
    for (let round = 0; round < 8; round += 1) {
      const adding = Array.from({ length: 40 }, add);
      const { report } = await app.call("close", { force: false });
      expect(report).toMatchObject({
        drain_method: "server",
        drained: poppers,
        interrupted: 0,
        connections: { blocking: poppers },
      });
      await Promise.all(adding);
      await untilListed(/cmd=bzpopmin/u, poppers);
    }
    const taken = (): Promise<string[]> => app.call("taken");
    await until(async () => (await taken()).length >= added);
    const expected = Array.from({ length: added }, (_, index) => `member-${index + 1}`);
    expect(new Set(await taken())).toEqual(new Set(expected));
    expect(await taken()).toHaveLength(added);
  });

  it("delivers a large reply that is under way, whole and once", async () => {
    const bytes = 50 * 1024 * 1024;
    await trackWithControl();
    await app.call("open", "pooled", { port: redis.port, count: 1 });
    await admin.redis.call("SETRANGE", "big", bytes - 1, "x");
    await app.call("open", "readBig", { key: "big", bytes });
    const { report } = await app.call("close", { force: false, drainTimeoutInMs: 30_000 });
    expect(report).toMatchObject({ drained: 1, interrupted: 0, drain_method: "server" });
    await until(async () => (await app.call("bigReads")).whole === 1);
    expect(await app.call("bigReads")).toEqual({ whole: 1, broken: 0 });
    const statistics = await admin.redis.info("commandstats");
    expect(/cmdstat_get:calls=(\d+)/u.exec(statistics)?.[1]).toBe("1");
  });

  it("lets a transaction come to its end, and names it as a hazard", async () => {
    await trackWithControl();
    await app.call("open", "pooled", { port: redis.port, count: 3 });
    await app.call("beginTransaction");
    const before = new Set((await admin.applicationClients()).map(({ id }) => id));
    const closing = app.call("close", { force: false });
    // The two that are idle have come back; the third takes commands as if nothing were happening.
    await until(async () => {
      const now = await admin.applicationClients();
      return now.length === 3 && now.filter(({ id }) => before.has(id)).length === 1;
    });
    expect(await app.call("stepTransaction")).toBe("QUEUED");
    expect(await app.call("endTransaction")).toEqual([1, 2]);
    const { report } = await closing;
    expect(report).toMatchObject({ drained: 3, interrupted: 0 });
    expect(report.drain_hazards?.transaction).toBe(1);
    expect(await admin.redis.get("transaction")).toBe("2");
    expect(await app.call("errors")).toEqual([]);
  });

  it("cuts at the deadline what is stuck, and reports it as interrupted", async () => {
    await trackWithControl();
    await app.call("open", "pooled", { port: redis.port, count: 3 });
    await app.call("open", "subscriber", { port: redis.port });
    await app.call("beginTransaction");
    const { report, durationInMs } = await app.call("close", {
      force: false,
      drainTimeoutInMs: 400,
    });
    expect(report).toMatchObject({
      connections_closed: 4,
      drained: 3,
      interrupted: 1,
      drain_hazards: { transaction: 1, subscriber: 1, "watch-not-visible": 3 },
    });
    expect(durationInMs).toBeGreaterThanOrEqual(399);
    expect(durationInMs).toBeLessThan(3 * 400);
    await until(async () => (await app.call("errors")).length === 1);
    expect((await app.call("errors"))[0]?.code).toBe("ECONNRESET");
  });

  it("keeps its deadline with Redis stopped, and cuts everything then", async () => {
    await trackWithControl();
    await app.call("open", "pooled", { port: redis.port, count: 4 });
    process.kill(redis.pid, "SIGSTOP");
    const { report, durationInMs } = await app.call("close", {
      force: false,
      drainTimeoutInMs: 500,
    });
    expect(report).toMatchObject({ connections_closed: 4, drained: 0, interrupted: 4 });
    expect(durationInMs).toBeLessThan(3 * 500);
  });

  it("gives every client a clean end, after which it comes back by itself", async () => {
    await trackWithControl();
    await app.call("open", "pooled", { port: redis.port, count: 5 });
    await app.call("open", "bullmq", { port: redis.port });
    await app.call("open", "subscriber", { port: redis.port });
    await app.call("operate", 5);
    const before = new Set((await admin.applicationClients()).map(({ id }) => id));
    const { report } = await app.call("close", { force: false });
    expect(report).toMatchObject({
      coverage: "full",
      connections_closed: 10,
      drained: 10,
      connections: { command: 7, blocking: 2, subscriber: 1, unknown: 0 },
    });
    expect(await app.call("errors")).toEqual([]);
    await until(async () => {
      const now = await admin.applicationClients();
      return now.length === 10 && now.every(({ id }) => !before.has(id));
    });
    await app.call("operate", 20);
    await app.call("open", "addJob", {});
    await until(async () => (await app.call("recovery"))?.workRecoveredInMs != null);
  });
});

describe("a drain without the server's word", () => {
  it("goes by silence under load: nothing lost, nothing doubled, no error", async () => {
    await app.call("track", {});
    await app.call("open", "pooled", { port: redis.port, count: 8 });
    await app.call("startLoad", { lanes: 64, key: "counter" });
    for (let round = 0; round < 5; round += 1) {
      await until(async () => (await app.call("state")).connection_count === 8);
      const { report } = await app.call("close", { force: false });
      expect(report).toMatchObject({ drain_method: "quiet", drained: 8, interrupted: 0 });
    }
    const { acknowledged, errors } = await app.call("stopLoad");
    expect(errors).toEqual([]);
    expect(Number(await admin.redis.get("counter"))).toBe(acknowledged);
  });

  it("is what an account without the right to CLIENT gets", async () => {
    await admin.redis.call("ACL", "SETUSER", "weak", "on", ">secret", "~*", "+@all", "-client");
    await app.call("track", { control: { url: redis.url, username: "weak", password: "secret" } });
    await app.call("open", "pooled", { port: redis.port, count: 2 });
    const { report } = await app.call("close", { force: false });
    expect(report).toMatchObject({ drain_method: "quiet", drained: 2, interrupted: 0 });
  });

  it("is what wrong credentials get", async () => {
    await app.call("track", { control: { url: redis.url, username: "nobody", password: "wrong" } });
    await app.call("open", "pooled", { port: redis.port, count: 2 });
    const { report } = await app.call("close", { force: false });
    expect(report).toMatchObject({ drain_method: "quiet", drained: 2, interrupted: 0 });
  });

  it("does not close during a blocking call before the deadline", async () => {
    await app.call("track", {});
    await app.call("open", "pooled", { port: redis.port, count: 1 });
    await app.call("open", "popper", { port: redis.port, key: "queue" });
    await untilListed(/cmd=bzpopmin/u, 1);
    const closing = app.call("close", { force: false, drainTimeoutInMs: 10_000 });
    await untilListed(/cmd=incr|cmd=ping/u, 0);
    await admin.redis.zadd("queue", 1, "member-1");
    const { report, durationInMs } = await closing;
    expect(report).toMatchObject({ drained: 2, interrupted: 0 });
    expect(durationInMs).toBeLessThan(5_000);
    expect(await app.call("taken")).toEqual(["member-1"]);

    await untilListed(/cmd=bzpopmin/u, 1);
    const second = await app.call("close", { force: false, drainTimeoutInMs: 300 });
    expect(second.report).toMatchObject({ drained: 1, interrupted: 1 });
  });
});
