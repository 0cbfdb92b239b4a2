import { once } from "node:events";
import { connect, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  createConnectionSet,
  createRedisControl,
  SocketLedger,
  trackProcessSockets,
  type AgentConnectionSet,
} from "@fleetquake/agent/testing/sockets";
import { systemClock } from "@fleetquake/contract";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { countApplicationClients } from "../support/redis-admin.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

const PING = "*1\r\n$4\r\nPING\r\n";
const sockets: Socket[] = [];
let redis: StartedRedis;

beforeAll(async () => {
  redis = await startRedis({ tls: true });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.destroy();
  }
  await until(async () => (await countApplicationClients(redis.port)) === 0);
});

afterAll(async () => {
  await redis.stop();
});

function kept<T extends Socket>(socket: T): T {
  sockets.push(socket);
  return socket;
}

async function ping(socket: Socket): Promise<void> {
  socket.write(PING);
  await once(socket, "data");
}

function connectionsOf(ledger: SocketLedger): AgentConnectionSet {
  return createConnectionSet({ ledger, control: null, clock: systemClock, enabled: true });
}

const close = {
  commandId: "c-1",
  force: true,
  drainTimeoutInMs: 1_000,
  expiresAtMonotonicInMs: Number.POSITIVE_INFINITY,
};

describe("a ledger that is fed by hand", () => {
  it("holds what it was given and nothing else, so that one process can be many replicas", async () => {
    const mine = new SocketLedger();
    const theirs = new SocketLedger();
    const [first, second, third] = [1, 2, 3].map(() => kept(connect(redis.port, "127.0.0.1")));
    for (const socket of [first, second, third]) {
      await ping(socket ?? new Socket());
    }
    mine.add(first ?? new Socket());
    mine.add(first ?? new Socket());
    theirs.add(second ?? new Socket());
    theirs.add(third ?? new Socket());

    expect(connectionsOf(mine).state().connection_count).toBe(1);
    const errors: unknown[] = [];
    second?.on("error", (error) => errors.push(error));
    // The third has no listener: its error must not end the process.
    const report = await connectionsOf(theirs).close(close);
    expect(report).toMatchObject({ connections_closed: 2, unseen: 0, coverage: "full" });
    await until(async () => (await countApplicationClients(redis.port)) === 1);
    expect(errors).toMatchObject([{ code: "ECONNRESET", syscall: "read" }]);
    expect(connectionsOf(mine).state()).toMatchObject({ connection_count: 1, connected: true });
  });

  it("forgets a socket whose listeners the application has all removed", async () => {
    const ledger = new SocketLedger();
    const socket = kept(connect(redis.port, "127.0.0.1"));
    ledger.add(socket);
    await ping(socket);
    socket.removeAllListeners();
    socket.destroy();
    expect(connectionsOf(ledger).state().connection_count).toBe(0);
  });

  it("gives a socket its own methods back once its kind is known", async () => {
    const ledger = new SocketLedger();
    const socket = kept(connect(redis.port, "127.0.0.1"));
    const own: unknown = Reflect.get(socket, "_write");
    ledger.add(socket);
    expect(Reflect.get(socket, "_write")).not.toBe(own);
    for (let writes = 0; writes < 40; writes += 1) {
      await ping(socket);
    }
    expect(Reflect.get(socket, "_write")).toBe(own);
  });
});

describe("the tracking of a process", () => {
  it("patches connect once, however many ledgers and copies of the package there are", async () => {
    using _first = trackProcessSockets(new SocketLedger());
    const patched: unknown = Reflect.get(Socket.prototype, "connect");
    vi.resetModules();
    const copy = await import("@fleetquake/agent/testing/sockets");
    expect(copy.SocketLedger).not.toBe(SocketLedger);
    const [one, other] = [new SocketLedger(), new copy.SocketLedger()];
    using _one = trackProcessSockets(one);
    using _other = copy.trackProcessSockets(other);
    expect(Reflect.get(Socket.prototype, "connect")).toBe(patched);

    await ping(kept(connect(redis.port, "127.0.0.1")));
    expect([one, other].map((ledger) => ledger.connections().length)).toEqual([1, 1]);
  });

  it("ends when it is disposed of", async () => {
    const ledger = new SocketLedger();
    trackProcessSockets(ledger)[Symbol.dispose]();
    await ping(kept(connect(redis.port, "127.0.0.1")));
    expect(ledger.connections()).toEqual([]);
  });

  it.each([
    ["connected", (inner: Socket) => once(inner, "connect")],
    ["connecting", () => undefined],
  ])("takes TLS upon a %s socket for one connection, and resets it", async (_name, prepare) => {
    const ledger = new SocketLedger();
    using _tracking = trackProcessSockets(ledger);
    const inner = kept(connect(redis.tlsPort ?? 0, "127.0.0.1"));
    await prepare(inner);
    const outer = kept(connectTls({ socket: inner, ca: redis.ca, servername: "localhost" }));
    await ping(outer);
    expect(ledger.connections()).toMatchObject([{ phase: "established", isTls: true }]);

    const failed = once(outer, "error");
    const report = await connectionsOf(ledger).close(close);
    expect(report.connections_closed).toBe(1);
    expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
    await until(() => inner.destroyed && outer.destroyed);
  });

  it("does not wait for the first byte where the endpoint is known", async () => {
    const ledger = new SocketLedger();
    const { port } = redis;
    using _tracking = trackProcessSockets(ledger, {
      configuredEndpoints: [{ host: "localhost", port }],
    });
    const named = kept(connect({ host: "localhost", port, family: 4 }));
    expect(ledger.connections()).toMatchObject([{ phase: "connecting" }]);
    await once(named, "connect");
    // From the name its address was learnt.
    const addressed = kept(connect(port, "127.0.0.1"));
    await once(addressed, "connect");
    expect(ledger.connections()).toHaveLength(2);
    expect(connectionsOf(ledger).state()).toMatchObject({ connected: false, connection_count: 2 });
  });
});

describe("the control connection", () => {
  it("in the same thread is in no ledger, goes by its name, and is gone when it was idle", async () => {
    const ledger = new SocketLedger();
    using _tracking = trackProcessSockets(ledger);
    const application = new Redis(redis.port, "127.0.0.1", { retryStrategy: null });
    application.on("error", () => undefined);
    await application.get("key");
    kept(application.stream);
    await using control = createRedisControl({ url: redis.url, tls: { ca: redis.ca ?? "" } });
    const endpoint = { host: "127.0.0.1", port: redis.port, tls: false };
    const rows = await control.clientList(endpoint, { timeoutInMs: 1_000 });
    const secure = { host: "127.0.0.1", port: redis.tlsPort ?? 0, tls: true };
    expect(await control.clientList(secure, { timeoutInMs: 1_000 })).toHaveLength(3);

    const own = await control.localAddresses();
    expect(own).toHaveLength(2);
    expect(rows?.filter(({ name }) => name === "fleetquake-control")).toHaveLength(1);
    expect(ledger.connections()).toHaveLength(1);
    const set = createConnectionSet({ ledger, control, clock: systemClock, enabled: true });
    expect(await set.close(close)).toMatchObject({ connections_closed: 1, unseen: 0 });
    expect(await control.localAddresses()).toEqual(own);
    await until(async () => (await control.localAddresses()).length === 0, 8_000);
  });

  it("answers null in time when the server does not, and works again afterwards", async () => {
    await using server = await startRedis();
    await using control = createRedisControl({ url: server.url });
    const endpoint = { host: "127.0.0.1", port: server.port, tls: false };
    expect(await control.clientList(endpoint, { timeoutInMs: 1_000 })).not.toBeNull();
    process.kill(server.pid, "SIGSTOP");
    const startedAt = performance.now();
    expect(await control.clientList(endpoint, { timeoutInMs: 200 })).toBeNull();
    expect(await control.unblock(endpoint, { ids: ["1"], timeoutInMs: 200 })).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(3 * 400);
    process.kill(server.pid, "SIGCONT");
    expect(await control.clientList(endpoint, { timeoutInMs: 1_000 })).not.toBeNull();
  });

  it.each([
    ["nobody listens", { host: "127.0.0.1", port: 1, tls: false }, {}],
    ["the password would go out in the clear", null, { password: "secret", tls: true }],
    ["the certificate is not trusted", "tls", {}],
  ] as const)("answers null when %s", async (_name, where, credentials) => {
    await using control = createRedisControl(credentials);
    const endpoints = {
      plain: { host: "127.0.0.1", port: redis.port, tls: false },
      secure: { host: "127.0.0.1", port: redis.tlsPort ?? 0, tls: true },
    };
    const endpoint = where === null ? endpoints.plain : where === "tls" ? endpoints.secure : where;
    expect(await control.clientList(endpoint, { timeoutInMs: 1_000 })).toBeNull();
    expect(await control.unblock(endpoint, { ids: ["1"], timeoutInMs: 1_000 })).toBe(false);
  });
});
