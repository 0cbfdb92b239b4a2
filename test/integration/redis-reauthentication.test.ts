import { FakeClock } from "@fleetquake/contract/testing";
import { openRedisAccess, type RedisAccess } from "@fleetquake/redis";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostModule, startHost } from "../support/start-host.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

const USER = "object-1";
const LIFE_IN_MS = 100_000;
const OPTIONS = { retryStrategy: () => 20, maxRetriesPerRequest: null, connectionName: "app" };

/** A server that takes the newest token alone, and an access whose tokens change when the test lets time pass. */
interface Scene extends AsyncDisposable {
  readonly redis: StartedRedis;
  readonly admin: Redis;
  readonly access: RedisAccess;
  /** Lets tokens come, where they were held back. */
  release(): void;
  /** A new token; those before it are good no longer. */
  change(): Promise<void>;
  /** AUTH and HELLO that were refused, and AUTH that was sent on connections that stood. */
  counts(): Promise<{ readonly failed: number; readonly repeated: number }>;
}

let scene: Scene;

/** @param isHeld no token comes before it is released */
async function setScene(isHeld = false): Promise<Scene> {
  const redis = await startRedis();
  const admin = new Redis(redis.port, "127.0.0.1", { connectionName: "admin" });
  await admin.call("ACL", "SETUSER", "default", ">nobody-else");
  const clock = new FakeClock();
  const gate = { isHeld };
  const asked = { times: 0 };
  const access = openRedisAccess(
    {
      host: "127.0.0.1",
      port: redis.port,
      tls: false,
      username: null,
      password: null,
      database: 0,
      cluster: false,
      entra: { clientId: null, tenantId: null, objectId: null },
    },
    {
      clock,
      fetchToken: async () => {
        asked.times += 1;
        const password = `token-${asked.times}`;
        await until(() => !gate.isHeld);
        await admin.call(
          "ACL",
          "SETUSER",
          USER,
          "on",
          "resetpass",
          `>${password}`,
          "~*",
          "&*",
          "+@all",
        );
        const expiresAtInMs = clock.nowInMs() + LIFE_IN_MS;
        return { username: USER, password, expiresAtInMs, refreshAfterInMs: null };
      },
    },
  );
  return {
    redis,
    admin,
    access,
    release: () => {
      gate.isHeld = false;
    },
    async change() {
      const due = asked.times + 1;
      while (asked.times !== due) {
        await clock.advance(1_000);
      }
      await until(() => access.tokens?.newest?.password === `token-${due}`);
    },
    async counts() {
      const stats = await admin.info("commandstats");
      const read = (command: string, field: string): number =>
        Number(new RegExp(`cmdstat_${command}:.*\\b${field}=(\\d+)`).exec(stats)?.[1] ?? 0);
      return {
        failed: read("auth", "failed_calls") + read("hello", "failed_calls"),
        repeated: read("auth", "calls"),
      };
    },
    async [Symbol.asyncDispose]() {
      access[Symbol.dispose]();
      admin.disconnect();
      await redis.stop();
    },
  };
}

beforeEach(async () => {
  scene = await setScene();
});

afterEach(async () => {
  await scene[Symbol.asyncDispose]();
});

function open(options: object = {}): Redis {
  const client = scene.access.connect({ ...OPTIONS, ...options });
  if (!(client instanceof Redis)) {
    throw new TypeError("no client of one server");
  }
  client.on("error", () => undefined);
  return client;
}

/** As a consumer does it: the next command is on its way as soon as the last one is answered. */
async function popUntil(signal: AbortSignal, client: Redis): Promise<void> {
  while (!signal.aborted) {
    await client.blpop("nothing", 1);
  }
}

describe("a client whose token changes", () => {
  it("does not connect before the first token is there", async () => {
    await using late = await setScene(true);
    const client = late.access.connect(OPTIONS);
    client.on("error", () => undefined);
    const answer = client.ping();
    expect(String(await late.admin.client("LIST"))).not.toContain("name=app");
    late.release();
    expect(await answer).toBe("PONG");
    expect(await late.counts()).toEqual({ failed: 0, repeated: 0 });
    client.disconnect();
  });

  it("authenticates again on the connection that stands, and so does a copy of it", async () => {
    const client = open();
    const copy = client.duplicate();
    const id = await client.client("ID");
    await copy.ping();
    await scene.change();
    await until(async () => (await scene.counts()).repeated === 2);
    expect(await client.client("ID")).toBe(id);
    expect((await scene.counts()).failed).toBe(0);
    client.disconnect();
    copy.disconnect();
  });

  it("does so after a blocking command, with what is newest then", async () => {
    const client = open();
    await client.ping();
    const stop = new AbortController();
    const loop = popUntil(stop.signal, client);
    await until(async () => (await scene.admin.info("clients")).includes("blocked_clients:1"));
    await scene.change();
    await scene.change();
    await until(async () => (await scene.counts()).repeated === 1);
    expect((await scene.counts()).failed).toBe(0);
    stop.abort();
    await loop;
    client.disconnect();
  });

  it("leaves a transaction whole, and authenticates after it", async () => {
    const client = open();
    await client.multi({ pipeline: false });
    await client.set("a", "1");
    await scene.change();
    await client.set("b", "2");
    expect(await client.exec()).toEqual([
      [null, "OK"],
      [null, "OK"],
    ]);
    await client.ping();
    expect(await scene.counts()).toEqual({ failed: 0, repeated: 1 });
    client.disconnect();
  });

  it("keeps its subscriptions, over RESP3 and over RESP2, which takes no AUTH from a subscriber", async () => {
    for (const protocol of [2, 3] as const) {
      const client = open({ protocol });
      const heard: string[] = [];
      client.on("message", (_channel: string, text: string) => heard.push(text));
      await client.subscribe("news");
      const { stream } = client;
      await scene.change();
      await until(async () => {
        await scene.admin.publish("news", `over ${protocol}`);
        return heard.includes(`over ${protocol}`) && (protocol === 3 || client.stream !== stream);
      });
      expect(client.stream === stream).toBe(protocol === 3);
      client.disconnect();
    }
    expect((await scene.counts()).failed).toBe(0);
  });

  it("does not send an old token again that a lost connection has not answered", async () => {
    const client = open();
    await client.ping();
    client.stream.pause();
    await scene.change();
    await until(async () => (await scene.counts()).repeated === 1);
    await scene.change();
    await until(async () => (await scene.counts()).repeated === 2);
    client.stream.destroy();
    expect(await client.ping()).toBe("PONG");
    expect(await scene.counts()).toEqual({ failed: 0, repeated: 2 });
    client.disconnect();
  });

  it("uses what is newest when it comes back", async () => {
    const client = open();
    await client.ping();
    client.disconnect();
    await scene.change();
    await client.connect();
    expect(await client.ping()).toBe("PONG");
    expect(await scene.counts()).toEqual({ failed: 0, repeated: 0 });
    client.disconnect();
  });
});

describe("@azure/identity", () => {
  /** Until the application has ended, or has loaded it. */
  async function loadsIt(env: Readonly<Record<string, string>>): Promise<boolean> {
    await using host = startHost({
      app: "redis-access.mjs",
      preload: [hostModule("listed-imports.mjs")],
      env: { REDIS_HOST: "127.0.0.1", REDIS_PORT: "1", LIVES_FOR_MS: "1000", ...env },
    });
    const isLoaded = (): boolean => host.lines().some((line) => line.includes("@azure/identity"));
    await until(() => isLoaded() || host.lines().includes("over"), 20_000);
    expect(host.lines().some((line) => line.includes("ioredis"))).toBe(true);
    return isLoaded();
  }

  it("is loaded with Entra ID, and only then", async () => {
    const entra = { FLEETQUAKE_REDIS_ENTRA: "true", LIVES_FOR_MS: "20000" };
    expect(await loadsIt(entra)).toBe(true);
    expect(await loadsIt({})).toBe(false);
    expect(await loadsIt({ REDIS_URL: "redis://:key@127.0.0.1:1" })).toBe(false);
  });
});
