import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startConnectionsApp,
  type ConnectionsApp,
  type SeenError,
} from "../support/connections-app.ts";
import { freePort } from "../support/free-port.ts";
import { openRedisAdmin, type RedisAdmin } from "../support/redis-admin.ts";
import { startHost } from "../support/start-host.ts";
import { startRedisCluster } from "../support/start-redis-cluster.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

const MINUTE_IN_MS = 60_000;
const CLIENT_LIBRARIES = ["ioredis", "ioredis-tls", "node-redis", "bullmq"];
/** 4 of ioredis (one by TLS, one by a Unix socket), its subscriber, node-redis by TCP and TLS, 4 of BullMQ. */
const ALL_CONNECTIONS = 11;
let redis: StartedRedis;
let admin: RedisAdmin;

beforeAll(async () => {
  redis = await startRedis({ tls: true });
  admin = openRedisAdmin(redis.port);
});

afterAll(async () => {
  await admin[Symbol.asyncDispose]();
  await redis.stop();
});

async function openAll(app: ConnectionsApp, connectTimeout?: number): Promise<void> {
  const options = { port: redis.port, connectTimeout };
  const tls = { port: redis.tlsPort, ca: redis.ca, connectTimeout };
  await app.call("open", "pooled", { ...options, count: 2 });
  await app.call("open", "pooled", tls);
  await app.call("open", "unixSocket", { path: redis.socketPath });
  await app.call("open", "subscriber", options);
  await app.call("open", "nodeRedisClient", options);
  await app.call("open", "nodeRedisClient", tls);
  await app.call("open", "bullmq", options);
  await untilStanding(app, ALL_CONNECTIONS);
}

/** By the ledger and by CLIENT LIST. */
async function untilStanding(app: ConnectionsApp, count: number): Promise<void> {
  await until(async () => {
    const { connection_count } = await app.call("state");
    return connection_count === count && (await admin.applicationClients()).length === count;
  });
}

/** What the server itself counts: no connection escapes it, however short. */
async function connectionsReceived(server: RedisAdmin): Promise<number> {
  const stats = await server.redis.info("stats");
  return Number(/total_connections_received:(\d+)/u.exec(stats)?.[1]);
}

/** Waits until every client library has failed so often in the given way. */
async function untilSeen(
  app: ConnectionsApp,
  times: number,
  matches: (error: SeenError) => boolean,
): Promise<readonly SeenError[]> {
  let seen: readonly SeenError[] = [];
  await until(async () => {
    seen = (await app.call("errors")).filter(matches);
    return CLIENT_LIBRARIES.every(
      (library) => seen.filter(({ client }) => client === library).length >= times,
    );
  });
  return seen;
}

async function untilAllBack(app: ConnectionsApp): Promise<void> {
  await untilStanding(app, ALL_CONNECTIONS);
  await until(async () => (await app.call("recovery"))?.allBackInMs !== null);
  expect(await app.call("recovery")).toMatchObject({
    connectionsExpected: ALL_CONNECTIONS,
    connectionsBack: ALL_CONNECTIONS,
  });
  await app.call("operate", 50);
  await app.call("open", "addJob", {});
}

describe("a block of mode refuse", () => {
  it("keeps every client library out after a reset until it ends, and touches nothing else", async () => {
    await using app = await startConnectionsApp();
    const http = createServer((_request, response) => response.end("hello"));
    let httpConnections = 0;
    http.on("connection", () => (httpConnections += 1));
    const httpPort = await freePort();
    http.listen(httpPort, "127.0.0.1");
    await once(http, "listening");
    await app.call("track", { control: { url: redis.url } });
    await openAll(app);
    await app.call("open", "http", { port: httpPort });

    await app.call("beginBlock", { mode: "refuse", durationInMs: MINUTE_IN_MS });
    const before = await admin.applicationClients();
    const received = await connectionsReceived(admin);
    // Established connections live on.
    await app.call("operate", 50);
    expect(await admin.applicationClients()).toEqual(before);

    const { report } = await app.call("close", { force: true });
    expect(report).toMatchObject({ coverage: "full", connections_closed: ALL_CONNECTIONS });
    const errors = await untilSeen(app, 5, ({ code }) => code === "ECONNREFUSED");
    const places = [`127.0.0.1:${redis.port}`, `127.0.0.1:${redis.tlsPort}`, redis.socketPath];
    expect(new Set(errors.map(({ message }) => message))).toEqual(
      new Set(places.map((place) => `connect ECONNREFUSED ${place}`)),
    );
    expect(await admin.applicationClients()).toEqual([]);
    expect(await connectionsReceived(admin)).toBe(received);
    expect(await app.call("state")).toMatchObject({ connection_count: 0, connected: false });
    expect(await app.call("recovery")).toMatchObject({ connectionsBack: 0, allBackInMs: null });
    await app.call("open", "http", { port: httpPort });
    expect(httpConnections).toBe(1);
    const endpoint = { host: "127.0.0.1", port: redis.port, tls: false };
    expect((await app.call("askControl", endpoint))?.local).toHaveLength(1);

    await app.call("endBlock");
    await untilAllBack(app);
    http.close();
    http.closeAllConnections();
  });

  it("keeps an ioredis Cluster off every node", async () => {
    await using cluster = await startRedisCluster();
    await using app = await startConnectionsApp();
    const admins = cluster.nodes.map(({ port }) => openRedisAdmin(port));
    const received = (): Promise<number[]> => Promise.all(admins.map(connectionsReceived));
    await app.call("track", {});
    await app.call("open", "cluster", { ports: cluster.nodes.map(({ port }) => port) });
    await app.call("beginBlock", { mode: "refuse", durationInMs: MINUTE_IN_MS });
    await app.call("open", "useCluster", {});
    await app.call("close", { force: true });
    const before = await received();
    await until(async () => {
      const errors = await app.call("errors");
      return errors.filter(({ client }) => client === "cluster").length >= 5;
    });
    expect(await received()).toEqual(before);

    await app.call("endBlock");
    await app.call("open", "useCluster", {});
    await Promise.all(admins.map((one) => one[Symbol.asyncDispose]()));
  });

  it("is begun by another thread while the event loop hangs, and is met by the next connection", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await app.call("open", "pooled", { port: redis.port });
    const options = { mode: "refuse", durationInMs: MINUTE_IN_MS, timeoutInMs: 20_000 } as const;
    expect(await app.call("hangUntilBlocked", options)).toBe("refuse");
    await app.call("close", { force: true });
    await until(async () => {
      const errors = await app.call("errors");
      return errors.filter(({ code }) => code === "ECONNREFUSED").length >= 3;
    });
    expect(await admin.applicationClients()).toEqual([]);
  });
});

describe("a block of mode drop", () => {
  it("lets every client library run into its connect timeout until it ends", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await openAll(app, 300);
    await app.call("beginBlock", { mode: "drop", durationInMs: MINUTE_IN_MS });
    const received = await connectionsReceived(admin);
    await app.call("operate", 50);
    const { report } = await app.call("close", { force: true });
    expect(report).toMatchObject({ coverage: "full", connections_closed: ALL_CONNECTIONS });

    const isTimeout = ({ message }: SeenError): boolean => /ETIMEDOUT|timeout/iu.test(message);
    await untilSeen(app, 3, isTimeout);
    const errors = await app.call("errors");
    expect(errors.filter(({ code }) => code === "ECONNREFUSED")).toEqual([]);
    expect(await connectionsReceived(admin)).toBe(received);
    expect(await admin.applicationClients()).toEqual([]);
    await until(async () => (await app.call("connecting")) > 0);

    await app.call("endBlock");
    await untilAllBack(app);
  });

  it("ends by itself, and lets those connect that still wait", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await openAll(app);
    await app.call("beginBlock", { mode: "drop", durationInMs: MINUTE_IN_MS });
    await app.call("close", { force: true });
    // Within their connect timeouts nobody has an error to tell of.
    await until(async () => (await app.call("connecting")) === ALL_CONNECTIONS);
    expect(await admin.applicationClients()).toEqual([]);

    await app.call("beginBlock", { mode: "drop", durationInMs: 500 });
    await untilAllBack(app);
    const errors = await app.call("errors");
    expect(errors.filter(({ syscall }) => syscall === "connect")).toEqual([]);
  });

  it.each([
    ["given-up", []],
    ["unreferenced", []],
    ["timed-out", ["timed out"]],
    ["answered", ["connected"]],
  ])(
    "keeps a script alive exactly as long as a connection under way does: %s",
    async (how, lines) => {
      const args = [String(redis.port), how];
      await using host = startHost({ app: "held-connection.mjs", preload: [], env: {}, args });
      expect(await host.exit()).toEqual({ code: 0, signal: null });
      expect(host.lines()).toEqual(lines);
      expect(host.stderr()).toBe("");
    },
  );
});
