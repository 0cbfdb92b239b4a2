import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect, type LookupFunction, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { connect as connectTls } from "node:tls";
import {
  closeNow,
  createConnectionSet,
  createRedisBlockSwitch,
  createRedisControl,
  installRedisBlock,
  RedisBlockCell,
  SocketLedger,
  trackProcessSockets,
} from "@fleetquake/agent/testing/sockets";
import { systemClock, type BlockMode } from "@fleetquake/contract";
import type { RedisBlockSwitch } from "@fleetquake/replica";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../support/free-port.ts";
import { countApplicationClients } from "../support/redis-admin.ts";
import { observeResets } from "../support/reset-observer.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

const PING = "*1\r\n$4\r\nPING\r\n";
const EVENTS = ["lookup", "connectionAttempt", "connectionAttemptFailed", "connect", "close"];
const MINUTE_IN_MS = 60_000;
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

interface Guarded extends Disposable {
  readonly ledger: SocketLedger;
  readonly cell: RedisBlockCell;
  readonly block: RedisBlockSwitch;
  begin(mode: BlockMode, spanInMs?: number): Promise<void>;
}

/** Tracks this process as the agent does, with Redis known by its address. */
function guard(endpoints = [{ host: "127.0.0.1", port: redis.port }]): Guarded {
  const ledger = new SocketLedger();
  const tracking = trackProcessSockets(ledger, { configuredEndpoints: endpoints });
  const cell = new RedisBlockCell({ clock: systemClock });
  const installed = installRedisBlock({ cell, endpoints: ledger.endpoints });
  const block = createRedisBlockSwitch(cell);
  return {
    ledger,
    cell,
    block,
    begin: (mode, spanInMs = MINUTE_IN_MS) =>
      block.begin({ mode, endsAtMonotonicInMs: systemClock.monotonicInMs() + spanInMs }),
    [Symbol.dispose]() {
      installed[Symbol.dispose]();
      tracking[Symbol.dispose]();
    },
  };
}

function kept<Kind extends Socket>(socket: Kind): Kind {
  socket.on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

function open(port = redis.port, host = "127.0.0.1"): Socket {
  return kept(connect({ port, host }));
}

async function ping(socket: Socket): Promise<void> {
  socket.write(PING);
  await once(socket, "data", { signal: AbortSignal.timeout(5_000) });
}

/** A name with two addresses, of which the second is Redis's: Node tries the next one when one does not answer. */
const twoAddresses = {
  host: "redis.test",
  lookup: ((_host, _options, callback) => {
    const addresses = ["127.0.0.2", "127.0.0.1"].map((address) => ({ address, family: 4 }));
    setImmediate(() => callback(null, addresses));
  }) satisfies LookupFunction,
};

/** Not by `once`, which takes an error for its own failure. */
async function untilClosed(socket: Socket): Promise<void> {
  await until(() => socket.closed, 5_000);
}

/** The code of the error with which a socket fails to connect; null when it connects. */
function outcomeOf(socket: Socket): Promise<string | null | undefined> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(null));
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
  });
}

/** What an application sees of a connection that fails, in order, with everything that its error holds. */
async function watchFailure(socket: Socket, where: number | string): Promise<string> {
  const seen: unknown[] = [];
  for (const event of EVENTS) {
    socket.on(event, (...args: unknown[]) => seen.push([event, ...args.map(plainError)]));
  }
  socket.on("error", (error) => seen.push(["error", plainError(error)]));
  await untilClosed(kept(socket));
  return JSON.stringify(seen, null, 1).replaceAll(String(where), "<there>");
}

function plainError(value: unknown): unknown {
  if (!(value instanceof Error)) {
    return value;
  }
  const errors = value instanceof AggregateError ? value.errors.map(plainError) : undefined;
  const { name, message } = value;
  return [name, message, Object.entries(value), errors];
}

describe("a connection that is refused", () => {
  const tls = { servername: "localhost" };
  it.each([
    ["TCP to an address", (port: number) => connect({ port, host: "127.0.0.1" })],
    ["TCP to a name", (port: number) => connect({ port, host: "localhost" })],
    ["TCP to a name with two addresses", (port: number) => connect({ ...twoAddresses, port })],
    ["TCP to a name's IPv4 address", (port: number) => connect({ port, family: 4 })],
    ["TLS to an address", (port: number) => connectTls({ ...tls, port, host: "127.0.0.1" })],
    ["TLS to a name", (port: number) => connectTls({ ...tls, port, host: "localhost" })],
    ["TLS to a name with two addresses", (port: number) => connectTls({ ...twoAddresses, port })],
  ])("by %s fails in every detail as one that the kernel refuses", async (_name, attempt) => {
    const closed = await freePort();
    const real = await watchFailure(attempt(closed), closed);
    expect(real).toContain("connect ECONNREFUSED 127.0.0.1:<there>");

    using guarded = guard();
    await guarded.begin("refuse");
    expect(await watchFailure(attempt(redis.port), redis.port)).toEqual(real);
  });

  it("by a Unix socket fails in every detail as one that the kernel refuses", async () => {
    // Nobody listens behind a plain file.
    const path = join(dirname(redis.socketPath), "plain-file");
    await writeFile(path, "");
    const real = await watchFailure(connect({ path }), path);
    expect(real).toContain("connect ECONNREFUSED <there>");

    using guarded = guard([{ host: redis.socketPath, port: 0 }]);
    await guarded.begin("refuse");
    const { socketPath } = redis;
    expect(await watchFailure(connect({ path: socketPath }), socketPath)).toEqual(real);
  });

  it("counts as connecting until then, and never as established", async () => {
    using guarded = guard();
    await guarded.begin("refuse");
    const socket = open();
    expect(guarded.ledger.connections()).toMatchObject([{ phase: "connecting" }]);
    await untilClosed(socket);
    expect(guarded.ledger.connections()).toEqual([]);
  });

  it("says nothing when it was given up before its refusal", async () => {
    using guarded = guard();
    await guarded.begin("refuse");
    const socket = open();
    const errors: Error[] = [];
    socket.on("error", (error) => errors.push(error));
    socket.on("connectionAttempt", () => process.nextTick(() => socket.destroy()));
    await untilClosed(socket);
    expect(await outcomeOf(open())).toBe("ECONNREFUSED");
    expect(errors).toEqual([]);
  });
});

describe("a connection that is left unanswered", () => {
  it.each([
    ["TCP", () => open()],
    ["a name", () => open(redis.port, "localhost")],
    ["a name with two addresses", () => kept(connect({ ...twoAddresses, port: redis.port }))],
    ["a Unix socket", () => kept(connect({ path: redis.socketPath }))],
  ])("by %s stays connecting, and connects when the block ends", async (_name, attempt) => {
    using guarded = guard([
      { host: "127.0.0.1", port: redis.port },
      { host: "redis.test", port: redis.port },
      { host: redis.socketPath, port: 0 },
    ]);
    await guarded.begin("drop");
    const socket = attempt();
    socket.setTimeout(300);
    socket.write(PING);
    // The time that a client library gives it passes as it would on a network.
    await once(socket, "timeout");
    expect(socket).toMatchObject({ connecting: true, pending: true, bytesRead: 0 });
    expect(guarded.ledger.connections()).toMatchObject([{ phase: "connecting" }]);

    await guarded.block.end();
    await once(socket, "data", { signal: AbortSignal.timeout(5_000) });
    expect(guarded.ledger.connections()).toMatchObject([{ phase: "established", hasReply: true }]);
    expect(socket.listenerCount("lookup")).toBe(0);
  });

  it("connects in the asynchronous context of whoever opened it", async () => {
    using guarded = guard();
    await guarded.begin("drop");
    const context = new AsyncLocalStorage<string>();
    const contexts = ["request-1", "request-2"].map((name) =>
      context.run(name, async () => {
        const socket = open();
        const seen = new Promise((resolve) =>
          socket.on("connect", () => resolve(context.getStore())),
        );
        await once(socket, "connectionAttempt");
        return { seen };
      }),
    );
    const held = await Promise.all(contexts);
    await guarded.block.end();
    expect(await Promise.all(held.map(({ seen }) => seen))).toEqual(["request-1", "request-2"]);
  });

  it("by TLS makes its handshake when the block ends", async () => {
    using guarded = guard([{ host: "127.0.0.1", port: redis.tlsPort ?? 0 }]);
    await guarded.begin("drop");
    const socket = kept(
      connectTls({ host: "127.0.0.1", port: redis.tlsPort ?? 0, ca: redis.ca, servername: "" }),
    );
    socket.setTimeout(200);
    await once(socket, "timeout");
    expect(socket).toMatchObject({ connecting: true, secureConnecting: true });
    await guarded.block.end();
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(5_000) });
    await ping(socket);
  });

  it("goes on by itself at the block's end", async () => {
    using guarded = guard();
    await guarded.begin("drop", 400);
    const begun = performance.now();
    const socket = open();
    await once(socket, "connect", { signal: AbortSignal.timeout(5_000) });
    // The end counts from just before the look at the clock.
    expect(performance.now() - begun).toBeGreaterThan(350);
    expect(guarded.cell.mode).toBeNull();
  });

  it("is cut by a reset like any other, once it stands", async () => {
    await using observer = await observeResets(redis.port);
    using guarded = guard([{ host: "127.0.0.1", port: observer.port }]);
    await guarded.begin("drop");
    const socket = open(observer.port);
    await once(socket, "connectionAttempt");
    await guarded.block.end();
    await ping(socket);
    const failed = outcomeOf(socket);
    // The observer's own connection to Redis is in this process, too.
    const held = guarded.ledger.connections().find((connection) => connection.socket === socket);
    expect(closeNow(held === undefined ? [] : [held]).closed).toBe(1);
    expect(await failed).toBe("ECONNRESET");
    await until(() => observer.ends.length > 0);
    expect(observer.ends).toEqual(["reset"]);
  });

  it("stays destroyed when its client gives it up", async () => {
    using guarded = guard();
    await guarded.begin("drop");
    const destroyed = open();
    const waiting = open();
    await once(destroyed, "connectionAttempt");
    destroyed.destroy();
    await untilClosed(destroyed);
    const outcomes: unknown[] = [];
    void outcomeOf(destroyed).then((outcome) => outcomes.push(outcome));

    await guarded.block.end();
    await ping(waiting);
    expect(outcomes).toEqual([]);
    expect(destroyed.destroyed).toBe(true);
    // The one that waited, and nobody else.
    expect(await countApplicationClients(redis.port)).toBe(1);
  });

  it("is refused when the block goes over to refusing", async () => {
    using guarded = guard();
    await guarded.begin("drop");
    const socket = open();
    await once(socket, "connectionAttempt");
    await guarded.begin("refuse");
    expect(await outcomeOf(socket)).toBe("ECONNREFUSED");
  });

  it("is aborted and told apart by a close of all connections, forced or drained", async () => {
    using guarded = guard();
    const set = createConnectionSet({
      ledger: guarded.ledger,
      control: null,
      clock: systemClock,
      enabled: true,
    });
    const options = { commandId: "c-1", drainTimeoutInMs: 2_000, expiresAtMonotonicInMs: Infinity };
    await ping(open());
    await guarded.begin("drop");
    for (const force of [true, false]) {
      const held = [open(), open(redis.port, "localhost")];
      await Promise.all(held.map((socket) => once(socket, "connectionAttempt")));
      expect(set.state().connection_count).toBe(force ? 1 : 0);
      expect(await set.close({ ...options, force })).toMatchObject({
        connections_closed: force ? 1 : 0,
        connecting_aborted: 2,
      });
      await Promise.all(held.map(untilClosed));
      expect(guarded.ledger.connections()).toEqual([]);
    }
  });
});

describe("what a block leaves alone", () => {
  it("lets established connections, other servers and the agent's own connections through", async () => {
    await using other = await startRedis();
    using guarded = guard();
    await using control = createRedisControl({ url: redis.url });
    const established = open();
    await ping(established);
    await guarded.begin("refuse");

    await ping(established);
    const endpoint = { host: "127.0.0.1", port: redis.port, tls: false };
    expect(await control.clientList(endpoint, { timeoutInMs: 1_000 })).toHaveLength(2);
    expect(await outcomeOf(open())).toBe("ECONNREFUSED");
    await ping(open(other.port));
  });

  it("lets the first connection to a server never seen before through, and no further one", async () => {
    using guarded = guard([]);
    await guarded.begin("refuse");
    await ping(open());
    expect(await outcomeOf(open())).toBe("ECONNREFUSED");
  });
});

describe("names of Redis", () => {
  it("are kept out before any address of theirs was seen", async () => {
    using guarded = guard([{ host: "localhost", port: redis.port }]);
    await guarded.begin("refuse");
    const named = open(redis.port, "localhost");
    expect(await outcomeOf(named)).toBe("ECONNREFUSED");
    expect(named.listenerCount("lookup")).toBe(0);
    expect(await outcomeOf(open())).toBe("ECONNREFUSED");
  });

  it("that are new are kept out by their address, and counted", async () => {
    using guarded = guard();
    await guarded.begin("drop");
    const named = open(redis.port, "localhost");
    await once(named, "connectionAttempt");
    await until(() => guarded.ledger.connections().length === 1);
    expect(guarded.ledger.connections()).toMatchObject([{ phase: "connecting" }]);
  });
});

describe("the gate before the kernel", () => {
  it("is put up once, however many blocks and copies of the package there are", async () => {
    using guarded = guard();
    const patched = connectOfHandles();
    vi.resetModules();
    const copy = await import("@fleetquake/agent/testing/sockets");
    expect(copy.RedisBlockCell).not.toBe(RedisBlockCell);
    const cell = new copy.RedisBlockCell({ clock: systemClock });
    using _copied = copy.installRedisBlock({ cell, endpoints: guarded.ledger.endpoints });
    expect(connectOfHandles()).toBe(patched);

    cell.begin({ mode: "refuse", endsAtMonotonicInMs: Infinity });
    expect(await outcomeOf(open())).toBe("ECONNREFUSED");
    cell.begin({ mode: "drop", endsAtMonotonicInMs: Infinity });
    await guarded.begin("drop");
    const socket = open();
    await once(socket, "connectionAttempt");
    cell.end();
    await guarded.begin("refuse");
    expect(await outcomeOf(socket)).toBe("ECONNREFUSED");
  });

  it("lets what it held go on when it is taken down, and begins no block afterwards", async () => {
    const guarded = guard();
    await guarded.begin("drop");
    const socket = open();
    await once(socket, "connectionAttempt");
    guarded[Symbol.dispose]();
    await ping(socket);
    await ping(open());
    await expect(guarded.begin("drop")).rejects.toMatchObject({ code: "REDIS_NOT_TRACKED" });
  });
});

/** What Node hands attempts to the kernel with. */
function connectOfHandles(): unknown {
  const handle: unknown = Reflect.get(open(), "_handle");
  return typeof handle === "object" && handle !== null ? Reflect.get(handle, "connect") : undefined;
}
