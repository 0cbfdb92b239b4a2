import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startConnectionsApp, type SeenError } from "../support/connections-app.ts";
import { openRedisAdmin } from "../support/redis-admin.ts";
import { observeResets } from "../support/reset-observer.ts";
import { startRedis, type StartedRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

/** A close of a handful of connections takes a few milliseconds; this is what an idle machine never needs. */
const USUAL_CLOSE_IN_MS = 100;

let redis: StartedRedis;

beforeAll(async () => {
  redis = await startRedis({ tls: true });
});

afterAll(async () => {
  await redis.stop();
});

function incidents(client: string, count: number): SeenError[] {
  const error = { client, code: "ECONNRESET", syscall: "read", message: "read ECONNRESET" };
  return Array.from({ length: count }, () => error);
}

function byClient(errors: readonly SeenError[], client: string): SeenError[] {
  return errors.filter((error) => error.client === client);
}

describe("a forced close", () => {
  it("is a reset on the wire and ECONNRESET in the application, over TCP and TLS", async () => {
    await using plain = await observeResets(redis.port);
    await using secure = await observeResets(redis.tlsPort ?? 0);
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await app.call("open", "pooled", { port: plain.port, count: 3 });
    await app.call("open", "nodeRedisClient", { port: plain.port });
    await app.call("open", "pooled", { port: secure.port, ca: redis.ca, count: 3 });
    await app.call("open", "nodeRedisClient", { port: secure.port, ca: redis.ca });

    const { report } = await app.call("close", { force: true });
    expect(report).toMatchObject({ connections_closed: 8, coverage: "full" });
    await until(() => plain.ends.length === 4 && secure.ends.length === 4);
    expect(plain.ends).toEqual(["reset", "reset", "reset", "reset"]);
    expect(secure.ends).toEqual(["reset", "reset", "reset", "reset"]);

    // The clients come back by themselves, and none of them has seen anything but an incident.
    await until(async () => (await app.call("state")).connection_count === 8);
    await app.call("operate", 12);
    const errors = await app.call("errors");
    expect(byClient(errors, "ioredis")).toEqual(incidents("ioredis", 3));
    expect(byClient(errors, "ioredis-tls")).toEqual(incidents("ioredis-tls", 3));
    expect(byClient(errors, "node-redis")).toEqual(incidents("node-redis", 2));
  });

  it("takes the usual time while Redis is stopped, and aborts what is still connecting", async () => {
    // A queue of one makes the kernel drop what it cannot hand to the stopped server.
    await using stopped = await startRedis({ args: ["--tcp-backlog", "1"] });
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await app.call("open", "pooled", { port: stopped.port, count: 5 });
    process.kill(stopped.pid, "SIGSTOP");
    await app.call("open", "dangling", { port: stopped.port, count: 8 });
    await until(async () => (await app.call("connecting")) > 0);
    const standing = (await app.call("addresses")).length;
    const connecting = await app.call("connecting");

    const { report, durationInMs } = await app.call("close", { force: true });
    expect(report).toMatchObject({
      connections_closed: standing,
      connecting_aborted: connecting,
      coverage: "full",
    });
    expect(standing + connecting).toBe(13);
    process.stdout.write(`forced close with Redis stopped: ${durationInMs.toFixed(1)} ms\n`);
    expect(durationInMs).toBeLessThan(3 * USUAL_CLOSE_IN_MS);

    process.kill(stopped.pid, "SIGCONT");
    await until(async () => (await app.call("state")).connection_count === 5);
    await app.call("operate", 10);
  });

  it("does nothing once the command has expired", async () => {
    await using app = await startConnectionsApp();
    await using admin = openRedisAdmin(redis.port);
    await app.call("track", {});
    await app.call("open", "pooled", { port: redis.port, count: 2 });
    const before = await admin.applicationClients();

    await expect(app.call("close", { force: true, expiresAtMonotonicInMs: 0 })).rejects.toThrow(
      "CloseExpiredError",
    );
    expect(await admin.applicationClients()).toEqual(before);
  });

  it("waits for the close that is under way, and then closes what stands", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", { control: { url: redis.url } });
    await app.call("open", "pooled", { port: redis.port, count: 4, backInMs: 60_000 });
    const closes = [false, true, true].map((force) => app.call("close", { force }));
    const counts = (await Promise.all(closes)).map(({ report }) => report.connections_closed);
    expect(counts[0]).toBe(4);
    // Nobody has come back meanwhile.
    expect(counts.slice(1)).toEqual([0, 0]);
  });

  it("answers 0 when there is nothing to close", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", {});
    for (const force of [true, false]) {
      expect((await app.call("close", { force })).report).toMatchObject({
        coverage: "full",
        connections_closed: 0,
        connecting_aborted: 0,
      });
    }
  });
});

describe("the recovery after a close", () => {
  it("is seen by socket, by connections, by command and by work", async () => {
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await app.call("open", "pooled", { port: redis.port, count: 6 });
    await app.call("open", "bullmq", { port: redis.port });
    expect(await app.call("recovery")).toBeNull();

    await app.call("close", { force: true });
    await app.call("operate", 12);
    await app.call("open", "addJob", {});
    await until(async () => {
      const seen = await app.call("recovery");
      return seen?.allBackInMs != null && seen.workRecoveredInMs != null;
    });
    const seen = await app.call("recovery");
    expect(seen).toMatchObject({ connectionsExpected: 10, connectionsBack: 10, errorsSeen: 0 });
    expect(seen?.reconnectAttempts).toBeGreaterThanOrEqual(10);
    const [socket, all, command] = [
      seen?.socketRecoveredInMs,
      seen?.allBackInMs,
      seen?.commandRecoveredInMs,
    ].map(Number);
    expect(socket).toBeGreaterThan(0);
    expect(all).toBeGreaterThanOrEqual(socket ?? 0);
    expect(command).toBeGreaterThanOrEqual(socket ?? 0);
  });

  it("does not take error replies for a recovered command", async () => {
    await using server = await startRedis();
    await using admin = openRedisAdmin(server.port);
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await app.call("open", "pooled", { port: server.port, count: 2 });
    // Every command that counts is refused from here on.
    await admin.redis.call("ACL", "SETUSER", "default", "-incr", "-get");
    await app.call("close", { force: true });
    await expect(app.call("operate", 2)).rejects.toThrow("NOPERM");
    await until(async () => (await app.call("recovery"))?.allBackInMs != null);
    expect((await app.call("recovery"))?.commandRecoveredInMs).toBeNull();

    await admin.redis.call("ACL", "SETUSER", "default", "+incr", "+get");
    await app.call("operate", 2);
    await until(async () => (await app.call("recovery"))?.commandRecoveredInMs != null);
  });

  it("counts attempts and errors while Redis is down, and ends when it is up again", async () => {
    const server = await startRedis();
    await using app = await startConnectionsApp();
    await app.call("track", {});
    await app.call("open", "pooled", { port: server.port, count: 2 });
    const { port } = server;
    await server.stop();
    await until(async () => (await app.call("state")).connection_count === 0);
    await app.call("close", { force: true });
    await until(async () => (await app.call("recovery"))?.errorsSeen !== 0);
    expect(await app.call("recovery")).toMatchObject({
      connectionsExpected: 0,
      socketRecoveredInMs: null,
      commandRecoveredInMs: null,
    });
    expect((await app.call("state")).connected).toBe(false);

    await using _back = await startRedis({ port });
    await app.call("operate", 4);
    await until(async () => (await app.call("recovery"))?.commandRecoveredInMs != null);
    expect((await app.call("state")).connected).toBe(true);
  });
});
