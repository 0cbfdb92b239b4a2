import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createNetServer, type Server as NetServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startConnectionsApp, type ConnectionsApp } from "../support/connections-app.ts";
import { freePort } from "../support/free-port.ts";
import { openRedisAdmin, type RedisAdmin } from "../support/redis-admin.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

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

/** Holds the ledger to CLIENT LIST, address by address, as soon as both stand still. */
async function expectLedgerToBeTrue(app: ConnectionsApp, connections: number): Promise<void> {
  let ledger: readonly string[] = [];
  let server: readonly string[] = [];
  const isTrue = async (): Promise<boolean> => {
    ledger = (await app.call("addresses"))
      .map(({ localAddress }) => localAddress ?? "")
      .toSorted(byText);
    server = (await admin.applicationClients()).map(({ address }) => address).toSorted(byText);
    return ledger.length === connections && JSON.stringify(ledger) === JSON.stringify(server);
  };
  await until(isTrue, 5_000).catch(() => undefined);
  expect(ledger).toEqual(server);
  expect(ledger).toHaveLength(connections);
  expect((await app.call("state")).connection_count).toBe(connections);
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}

async function startEcho(): Promise<{ readonly server: NetServer; readonly port: number }> {
  const server = createNetServer((socket) => socket.pipe(socket));
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { server, port };
}

async function startHttp(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((_request, response) => response.end("hello"));
  server.keepAliveTimeout = 60_000;
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { server, port };
}

describe("the ledger of a process", () => {
  it("equals CLIENT LIST at each step, for every client library, and leaves HTTP and its own out", async () => {
    await using app = await startConnectionsApp();
    const { port } = redis;
    const tls = { port: redis.tlsPort, ca: redis.ca };
    await app.call("track", { control: { url: redis.url } });
    expect((await app.call("state")).connected).toBeNull();

    await app.call("open", "pooled", { port, count: 37 });
    await expectLedgerToBeTrue(app, 37);
    await app.call("operate", 50);
    await expectLedgerToBeTrue(app, 37);
    // Queue: 1, Worker: 2, QueueEvents: 1.
    await app.call("open", "bullmq", { port });
    await expectLedgerToBeTrue(app, 41);
    await app.call("open", "subscriber", { port });
    await expectLedgerToBeTrue(app, 42);
    await app.call("open", "pooled", tls);
    await expectLedgerToBeTrue(app, 43);
    await app.call("open", "nodeRedisClient", { port });
    await expectLedgerToBeTrue(app, 44);
    await app.call("open", "nodeRedisClient", tls);
    await expectLedgerToBeTrue(app, 45);

    const http = await startHttp();
    let httpConnections = 0;
    http.server.on("connection", () => (httpConnections += 1));
    await app.call("open", "http", { port: http.port });
    await expectLedgerToBeTrue(app, 45);
    const endpoint = { host: "127.0.0.1", port, tls: false };
    expect((await app.call("askControl", endpoint))?.local).toHaveLength(1);
    await expectLedgerToBeTrue(app, 45);
    await Promise.all([1, 2, 3].map(() => app.call("operate", 50)));
    await expectLedgerToBeTrue(app, 45);

    const { connections, unseen } = await app.call("state");
    // The worker's and the queue events' blocking connections.
    expect(connections).toEqual({ command: 42, blocking: 2, subscriber: 1, unknown: 0 });
    expect(unseen).toBe(0);

    const before = await admin.applicationClients();
    const { report } = await app.call("close", { force: true });
    expect(report).toMatchObject({
      coverage: "full",
      connections_closed: 45,
      connecting_aborted: 0,
      connections: { command: 42, blocking: 2, subscriber: 1, unknown: 0 },
      unseen: 0,
      closed_by: "process",
    });
    const oldIds = new Set(before.map(({ id }) => id));
    await until(async () => {
      const now = await admin.applicationClients();
      return now.length === 45 && now.every(({ id }) => !oldIds.has(id));
    });
    await expectLedgerToBeTrue(app, 45);

    await app.call("open", "http", { port: http.port });
    expect(httpConnections).toBe(1);
    // The control connection outlived the close as well.
    expect((await app.call("askControl", endpoint))?.local).toHaveLength(1);
    http.server.close();
    http.server.closeAllConnections();
  });

  it("adopts connections older than the agent, and says that it cannot classify others", async () => {
    await using app = await startConnectionsApp();
    const echo = await startEcho();
    await app.call("open", "pooled", { port: redis.port, count: 3 });
    await app.call("open", "otherProtocol", { port: echo.port });
    await app.call("track", {});
    // All idle: none of them has shown since what it is.
    expect((await app.call("close", { force: true })).report).toMatchObject({
      coverage: "partial",
      connections_closed: 0,
    });

    await app.call("operate", 1);
    await expectLedgerToBeTrue(app, 3);
    expect((await app.call("addresses")).every(({ adopted }) => adopted)).toBe(true);
    expect((await app.call("close", { force: true })).report).toMatchObject({
      coverage: "partial",
      connections_closed: 3,
    });

    await app.call("open", "otherProtocol", { port: echo.port });
    await until(async () => (await app.call("state")).connection_count === 3);
    expect((await app.call("close", { force: true })).report).toMatchObject({
      coverage: "full",
      connections_closed: 3,
    });
    echo.server.close();
  });

  it("counts and closes connections by Unix socket", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", { control: { url: redis.url } });
    await app.call("open", "unixSocket", { path: redis.socketPath });
    expect((await app.call("state")).connection_count).toBe(1);
    expect(await admin.applicationClients()).toHaveLength(1);

    for (const force of [true, false]) {
      const before = await admin.applicationClients();
      const { report } = await app.call("close", { force });
      expect(report.connections_closed).toBe(1);
      await until(async () => {
        const now = await admin.applicationClients();
        return now.length === 1 && now[0]?.id !== before[0]?.id;
      });
    }
  });

  it("finds what a worker thread holds in the kernel's tables, and calls its coverage partial", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", { control: { url: redis.url } });
    await app.call("open", "pooled", { port: redis.port, count: 2 });
    await app.call("open", "thread", { port: redis.port });
    await app.call("open", "thread", { port: redis.port });
    await until(async () => (await app.call("state")).unseen === 2, 5_000);

    expect((await app.call("state")).connection_count).toBe(2);
    const { report } = await app.call("close", { force: true });
    expect(report).toMatchObject({ coverage: "partial", connections_closed: 2, unseen: 2 });
  });
});
