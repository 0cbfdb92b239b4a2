import type { Acknowledgement, Command } from "@fleetquake/contract";
import { Redis } from "ioredis";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openRedisAdmin } from "../support/redis-admin.ts";
import { observeResets } from "../support/reset-observer.ts";
import { startAgentWorld, type AgentWorld } from "../support/start-agent-world.ts";
import { startHost, type StartedHost } from "../support/start-host.ts";
import { startRedis } from "../support/start-redis.ts";
import { until } from "../support/until.ts";

const CONNECTIONS = 10;
const BLOCK_IN_MS = 4_000;

interface StartAppOptions {
  /** With what the agent opens its control connection. @default the application's */
  readonly controlUrl?: string;
  readonly appUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** An application with ten connections whose agent has told its thread of all of them. */
async function startApp(
  world: AgentWorld,
  { appUrl = world.redis.url, controlUrl = appUrl, env = {} }: StartAppOptions = {},
): Promise<StartedHost> {
  const own = { APP_REDIS_URL: appUrl, REDIS_URL: controlUrl, CONNECTIONS: String(CONNECTIONS) };
  const host = startHost({ app: "redis-app.mjs", env: { ...world.env, ...own, ...env } });
  await host.line("working");
  await world.fleet.event("hello");
  await world.fleet.rollCall({ heartbeat_interval_ms: 200 });
  await world.fleet.event("heartbeat", ({ redis }) => redis.connection_count === CONNECTIONS);
  return host;
}

async function block(host: StartedHost): Promise<void> {
  host.tell(`block ${BLOCK_IN_MS}`);
  await host.line("blocking");
}

async function answerTo(world: AgentWorld, command: Command): Promise<Acknowledgement> {
  return await world.fleet.event(
    "acknowledgement",
    ({ command_id }) => command_id === command.command_id,
  );
}

function inMs(spanInMs: number): { readonly expires_at: string } {
  return { expires_at: new Date(Date.now() + spanInMs).toISOString() };
}

async function worksOn(host: StartedHost): Promise<void> {
  await host.line("unblocked");
  const lines = host.lines().length;
  await until(() =>
    host
      .lines()
      .slice(lines)
      .some((line) => line.startsWith("worked")),
  );
}

describe("a forced reset of a process whose event loop stands still", () => {
  it("is carried out by Redis, told to by the agent's thread, and leaves other processes alone", async () => {
    await using world = await startAgentWorld();
    await using bystander = startHost({
      app: "redis-app.mjs",
      preload: [],
      env: { ...world.env, CLIENT_NAME: "bystander" },
    });
    await bystander.line("working");
    await using host = await startApp(world);
    const before = await world.clientIds();
    const others = await world.clientIds("bystander");
    expect(before).toHaveLength(CONNECTIONS);

    const blockedAtInMs = Date.now();
    await block(host);
    const command = await world.fleet.command();
    const answer = await answerTo(world, command);
    expect(answer).toMatchObject({
      state: "acknowledged",
      closed_by: "server",
      connections_closed: CONNECTIONS,
      connections: { command: CONNECTIONS, blocking: 0, subscriber: 0, unknown: 0 },
      coverage: "full",
      unseen: 0,
    });
    expect(await world.clientIds()).toEqual([]);
    expect(await world.clientIds("bystander")).toEqual(others);
    await world.fleet.event(
      "heartbeat",
      ({ redis, last_acknowledgement: last }) =>
        last?.command_id === command.command_id &&
        redis.connection_count === 0 &&
        redis.connected === false,
    );
    expect(host.lines()).not.toContain("unblocked");

    const report = await world.fleet.event(
      "recovery-report",
      ({ all_back_ms: allBack }) => allBack !== null,
    );
    expect(report).toMatchObject({
      command_id: command.command_id,
      connections_expected: CONNECTIONS,
      connections_back: CONNECTIONS,
    });
    // Nothing can have come back before the loop was free; half a second is left to the broker's clock.
    const backAtInMs = Date.parse(answer.closed_at) + (report.all_back_ms ?? 0);
    expect(backAtInMs).toBeGreaterThan(blockedAtInMs + BLOCK_IN_MS - 500);
    await worksOn(host);
    const after = await world.clientIds();
    expect(after).toHaveLength(CONNECTIONS);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(await world.clientIds("bystander")).toEqual(others);
    // The loop found the command when it was free, and had nothing left to do about it.
    expect(await answerTo(world, await world.fleet.command())).toMatchObject({
      closed_by: "process",
      connections_closed: CONNECTIONS,
    });
  });

  it("is carried out over TLS too, and names the addresses where the command asks for them", async () => {
    await using world = await startAgentWorld();
    await using redis = await startRedis({ tls: true });
    await using admin = openRedisAdmin(redis.port);
    await using ca = await writeCa(redis.ca ?? "");
    const url = `rediss://localhost:${redis.tlsPort}`;
    await using host = await startApp(world, {
      appUrl: url,
      env: { NODE_EXTRA_CA_CERTS: ca.file },
    });
    const before = await admin.applicationClients();
    expect(before).toHaveLength(CONNECTIONS);
    await block(host);
    const parameters = { force: true, drain_timeout_ms: 5_000, verify: true };
    const order = { fault: "redis-reset", action: "inject", parameters } as const;
    const answer = await answerTo(world, await world.fleet.command({}, order));
    expect(answer).toMatchObject({
      closed_by: "server",
      connections_closed: CONNECTIONS,
      coverage: "full",
    });
    expect(answer.closed_addresses?.toSorted()).toEqual(
      before.map(({ address }) => address).toSorted(),
    );
    expect(await admin.applicationClients()).toEqual([]);
    expect(host.lines()).not.toContain("unblocked");
  });

  it("is not tried without the permission to close others' connections: the loop has its turn until it expires", async () => {
    await using world = await startAgentWorld();
    await using admin = openRedis(world.redis.url);
    await admin.redis.call(
      "ACL",
      "SETUSER",
      "agent",
      "on",
      ">secret",
      "~*",
      "+@all",
      "-client|kill",
    );
    const controlUrl = `redis://agent:secret@127.0.0.1:${world.redis.port}`;
    await using host = await startApp(world, { appUrl: world.redis.url, controlUrl });
    const before = await world.clientIds();
    await block(host);
    const expiring = await world.fleet.command(inMs(1_500));
    expect(await answerTo(world, expiring)).toMatchObject({
      state: "expired",
      connections_closed: 0,
      error: { code: "COMMAND_EXPIRED" },
    });
    expect(host.lines()).not.toContain("unblocked");
    expect(await world.clientIds()).toEqual(before);
    const lasting = await world.fleet.command(inMs(30_000));
    expect(await answerTo(world, lasting)).toMatchObject({
      state: "acknowledged",
      closed_by: "process",
      connections_closed: CONNECTIONS,
    });
  });

  it("is not tried through a proxy, where addresses mean something else at each end", async () => {
    await using world = await startAgentWorld();
    await using proxy = await observeResets(world.redis.port);
    await using host = await startApp(world, { appUrl: `redis://127.0.0.1:${proxy.port}` });
    const before = await world.clientIds();
    await block(host);
    const command = await world.fleet.command(inMs(1_500));
    expect(await answerTo(world, command)).toMatchObject({
      state: "expired",
      connections_closed: 0,
    });
    expect(await world.clientIds()).toEqual(before);
  });

  it("waits for the loop while Redis does not answer", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    await block(host);
    world.redis.process.kill("SIGSTOP");
    const command = await world.fleet.command(inMs(30_000));
    expect(await answerTo(world, command)).toMatchObject({
      state: "acknowledged",
      closed_by: "process",
      connections_closed: CONNECTIONS,
    });
    world.redis.process.kill("SIGCONT");
    await worksOn(host);
  });
});

describe("a drain of a process whose event loop stands still", () => {
  it("fails with LOOP_BLOCKED, and is not done later", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    const before = await world.clientIds();
    await block(host);
    const parameters = { force: false, drain_timeout_ms: 1_000 };
    const command = await world.fleet.command(inMs(10_000), {
      fault: "redis-reset",
      action: "inject",
      parameters,
    });
    expect(await answerTo(world, command)).toMatchObject({
      state: "failed",
      connections_closed: 0,
      error: { code: "LOOP_BLOCKED" },
    });
    expect(host.lines()).not.toContain("unblocked");
    await worksOn(host);
    expect(await world.clientIds()).toEqual(before);
  });
});

function openRedis(url: string): AsyncDisposable & { readonly redis: Redis } {
  const redis = new Redis(url, { connectionName: "test-admin" });
  return {
    redis,
    async [Symbol.asyncDispose]() {
      await redis.quit();
    },
  };
}

async function writeCa(pem: string): Promise<AsyncDisposable & { readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "fleetquake-ca-"));
  const file = join(folder, "ca.pem");
  await writeFile(file, pem);
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
