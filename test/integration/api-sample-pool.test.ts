import { createServer } from "node:net";
import { once } from "node:events";
import { createSamplePool, readRedisSettings, type SamplePool } from "@fleetquake/redis";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) {
    await cleanup();
  }
});

function makePool(environment: Record<string, string>, idleTimeoutInMs?: number): SamplePool {
  const mistakes: string[] = [];
  const settings = readRedisSettings(environment, mistakes);
  expect(mistakes).toEqual([]);
  const pool = createSamplePool({
    settings,
    ...(idleTimeoutInMs === undefined ? {} : { idleTimeoutInMs }),
  });
  cleanups.push(() => pool.close());
  return pool;
}

async function sampleClients(admin: Redis): Promise<string[]> {
  const list = String(await admin.client("LIST"));
  const rows = list.split("\n").filter((row) => row.includes("name=fleetquake-sample"));
  return rows.map((row) => /id=(\d+)/.exec(row)?.[1] ?? "");
}

async function startWithAdmin(): Promise<{
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  readonly admin: Redis;
}> {
  const redis = await startRedis();
  cleanups.push(() => redis.stop());
  const admin = new Redis(redis.url);
  admin.on("error", () => undefined);
  cleanups.push(() => admin.disconnect());
  return { url: redis.url, pid: redis.pid, port: redis.port, admin };
}

describe("the sample's pool on a real server", () => {
  it("opens a connection for each of 50 concurrent operations, and one for 50 in a row", async () => {
    const { url, admin } = await startWithAdmin();
    const pool = makePool({ REDIS_URL: url });
    for (let turn = 0; turn < 50; turn += 1) {
      await pool.run((client) => client.ping());
    }
    expect(await sampleClients(admin)).toHaveLength(1);
    await Promise.all(
      Array.from({ length: 50 }, () => pool.run((client) => client.blpop("nothing", 0.2))),
    );
    expect(await sampleClients(admin)).toHaveLength(50);
  });

  it("never opens more than REDIS_MAX_CONNECTIONS: the rest wait their turn", async () => {
    const { url, admin } = await startWithAdmin();
    const pool = makePool({ REDIS_URL: url, REDIS_MAX_CONNECTIONS: "4" });
    const work = Array.from({ length: 40 }, () => pool.run((client) => client.incr("n")));
    await Promise.all(work);
    expect(await admin.get("n")).toBe("40");
    expect(await sampleClients(admin)).toHaveLength(4);
  });

  it("closes connections that nobody used for a while", async () => {
    const { url, admin } = await startWithAdmin();
    const pool = makePool({ REDIS_URL: url }, 200);
    await Promise.all(
      Array.from({ length: 5 }, () => pool.run((client) => client.blpop("q", 0.1))),
    );
    expect(await sampleClients(admin)).toHaveLength(5);
    await until(async () => (await sampleClients(admin)).length === 0);
    expect(pool.counts).toEqual({ idle: 0, busy: 0, opening: 0 });
  });

  it("works at once after every connection was killed, and is as large as before with new ids", async () => {
    const { url, admin } = await startWithAdmin();
    const pool = makePool({ REDIS_URL: url });
    await Promise.all(
      Array.from({ length: 8 }, () => pool.run((client) => client.blpop("q", 0.1))),
    );
    const before = await sampleClients(admin);
    await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    expect(await pool.run((client) => client.ping())).toBe("PONG");
    await until(async () => (await sampleClients(admin)).length === before.length, 2_000);
    const after = await sampleClients(admin);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
  });

  it("tries again at once when the connection is cut while it waits for a reply", async () => {
    const { url, admin } = await startWithAdmin();
    const pool = makePool({ REDIS_URL: url });
    const popped = pool.run((client) => client.blpop("late", 2));
    await until(async () => (await sampleClients(admin)).length === 1);
    await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await admin.rpush("late", "job");
    expect(await popped).toEqual(["late", "job"]);
  });

  it("does not retry what the server answered with an error, and keeps the connection", async () => {
    const { url, admin } = await startWithAdmin();
    await admin.set("text", "abc");
    const pool = makePool({ REDIS_URL: url });
    await pool.run((client) => client.ping());
    const [id] = await sampleClients(admin);
    await expect(pool.run((client) => client.incr("text"))).rejects.toThrow(/not an integer/);
    expect(await sampleClients(admin)).toEqual([id]);
  });

  it("fails with the cause within its bounds when nobody listens, and recovers by itself", async () => {
    const port = await freePort();
    const pool = makePool({ REDIS_URL: `redis://127.0.0.1:${port}`, REDIS_BACKOFF_BASE: "0.05" });
    await expect(pool.run((client) => client.ping())).rejects.toThrow(
      `connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    const redis = await startRedis({ port });
    cleanups.push(() => redis.stop());
    expect(await pool.run((client) => client.ping())).toBe("PONG");
  });

  it("gives up on a stopped server within the caller's span, and works again once it goes on", async () => {
    const { url, pid } = await startWithAdmin();
    const pool = makePool({ REDIS_URL: url });
    await pool.run((client) => client.ping());
    process.kill(pid, "SIGSTOP");
    try {
      const startedAtInMs = performance.now();
      const ping = pool.run((client) => client.ping(), { timeoutInMs: 300, maxRetries: 0 });
      await expect(ping).rejects.toThrow("no reply within 300 ms");
      const fresh = pool.run((client) => client.ping(), { timeoutInMs: 300, maxRetries: 0 });
      await expect(fresh).rejects.toThrow(/within \d+ ms/);
      expect(performance.now() - startedAtInMs).toBeLessThan(3 * 600);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    expect(await pool.run((client) => client.ping(), { timeoutInMs: 5_000 })).toBe("PONG");
  });

  it("keeps the password out of the failure when the server refuses it", async () => {
    const redis = await startRedis({ args: ["--requirepass", "right"] });
    cleanups.push(() => redis.stop());
    const pool = makePool({ REDIS_URL: `redis://:hunter2@127.0.0.1:${redis.port}` });
    const failure = await pool.run((client) => client.ping()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringMatching(/WRONGPASS|NOAUTH/) });
    const shown = JSON.stringify(failure, Object.getOwnPropertyNames(failure)) + String(failure);
    expect(shown).not.toContain("hunter2");
  });

  it("does not wait longer than the connect timeout for a server that accepts and says nothing", async () => {
    const mute = createServer(() => undefined);
    mute.listen(0, "127.0.0.1");
    await once(mute, "listening");
    cleanups.push(() => mute.close());
    const address = mute.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const pool = makePool({
      REDIS_URL: `redis://127.0.0.1:${port}`,
      REDIS_SOCKET_CONNECT_TIMEOUT: "0.2",
      REDIS_MAX_RETRIES: "0",
    });
    await expect(pool.run((client) => client.ping())).rejects.toThrow(
      "no usable connection within 200 ms",
    );
    expect(pool.counts).toEqual({ idle: 0, busy: 0, opening: 0 });
  });
});
