// What it costs to close 1,000 connections in one process: the agent's forced close, from the command to its report and
// the last socket's end, beside a bare loop that resets as many sockets of the same kind, in turns within one process.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createConnectionSet, SocketLedger } from "@fleetquake/agent/testing/sockets";
import { systemClock } from "@fleetquake/contract";
import { startRedis } from "../support/start-redis.ts";
import { formatSpread, spreadOf } from "./measurements.ts";

const CONNECTIONS = 1_000;
const ROUNDS = 25;
const WARM_UP_ROUNDS = 3;
const PING = "*1\r\n$4\r\nPING\r\n";

interface Cost {
  /** Until the sockets are handed to the kernel: how long the loop is not the application's. */
  readonly blockedInMs: number;
  /** Until the last of them has told its end. */
  readonly totalInMs: number;
  /** Processor time until then: what a busy machine does not blur. */
  readonly processorInMs: number;
}

await using redis = await startRedis({ args: ["--maxclients", "4000"] });
const bare: Cost[] = [];
const agent: Cost[] = [];
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
  // Whoever comes first finds the warmer caches.
  const inTurn = [
    async () => ({ costs: bare, cost: await measureBareLoop(redis.port) }),
    async () => ({ costs: agent, cost: await measureAgent(redis.port) }),
  ];
  for (const measure of round % 2 === 0 ? inTurn : inTurn.toReversed()) {
    const { costs, cost } = await measure();
    if (round >= 0) {
      costs.push(cost);
    }
  }
}
console.log(`${CONNECTIONS} connections, ${ROUNDS} rounds, p50 (p25 .. p75)`);
for (const figure of ["blockedInMs", "totalInMs", "processorInMs"] as const) {
  const floors = bare.map((cost) => cost[figure]);
  const closes = agent.map((cost) => cost[figure]);
  const ratios = closes.map((close, round) => close / (floors[round] ?? Number.NaN));
  console.log(
    `${figure}: bare loop ${formatSpread(spreadOf(floors))} ms, agent ${formatSpread(spreadOf(closes))} ms, ` +
      `ratio ${formatSpread(spreadOf(ratios), 2)}, wanted at most 1.5`,
  );
}

async function measureBareLoop(port: number): Promise<Cost> {
  const sockets = await openSockets(port);
  const closed = allClosed(sockets);
  const processor = process.cpuUsage();
  const startedAt = performance.now();
  for (const socket of sockets) {
    socket.resetAndDestroy();
  }
  const blockedInMs = performance.now() - startedAt;
  await closed;
  const totalInMs = performance.now() - startedAt;
  return { blockedInMs, totalInMs, processorInMs: processorSince(processor) };
}

async function measureAgent(port: number): Promise<Cost> {
  const ledger = new SocketLedger();
  const sockets = await openSockets(port, (socket) => ledger.add(socket));
  const connections = createConnectionSet({
    ledger,
    control: null,
    clock: systemClock,
    enabled: true,
  });
  const closed = allClosed(sockets);
  const processor = process.cpuUsage();
  const startedAt = performance.now();
  const report = await connections.close({
    commandId: "bench",
    force: true,
    drainTimeoutInMs: 1,
    expiresAtMonotonicInMs: Number.POSITIVE_INFINITY,
  });
  const blockedInMs = performance.now() - startedAt;
  await closed;
  const totalInMs = performance.now() - startedAt;
  const processorInMs = processorSince(processor);
  if (report.connections_closed !== CONNECTIONS) {
    throw new Error(`${report.connections_closed} of ${CONNECTIONS} connections were closed`);
  }
  return { blockedInMs, totalInMs, processorInMs };
}

function processorSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/** Sockets that Redis has answered on, each with an error listener as a client library has one. */
async function openSockets(
  port: number,
  onSocket: (socket: Socket) => void = () => undefined,
): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < CONNECTIONS; opened += 100) {
    const wave = Array.from({ length: 100 }, () => connect(port, "127.0.0.1"));
    for (const socket of wave) {
      socket.on("error", () => undefined);
      onSocket(socket);
      socket.write(PING);
    }
    await Promise.all(wave.map((socket) => once(socket, "data")));
    sockets.push(...wave);
  }
  return sockets;
}

async function allClosed(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))),
  );
}
