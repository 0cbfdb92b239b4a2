// How long a reset of a whole fleet takes, beside the floor of the bus: one bare publish and as many bare answers over the
// same broker by the same client library, in turns with the resets. A reset is timed from outside: POST to answer.
import { Agent, request } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { ReplicaStatus } from "@fleetquake/contract";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";
import { startBareCounter, type BareCounter } from "./fleet-reset/bare-counter.ts";
import { createBareTopics } from "./fleet-reset/bare-topics.ts";
import { startHostedReplicas } from "./fleet-reset/hosted-replicas.ts";
import { formatSpread, spreadOf } from "./measurements.ts";

const SOCKETS_PER_REPLICA = 10;
const WARM_UP_ROUNDS = 5;
/** A second after a reset the replicas tell how the last recovery ended. */
const LAST_REPORTS_IN_MS = 1_200;
const SIZES = [
  { replicas: 1, rounds: 25, processes: 1 },
  { replicas: 10, rounds: 25, processes: 1 },
  { replicas: 100, rounds: 25, processes: 2 },
  { replicas: 500, rounds: 12, processes: 2 },
] as const;

interface Size {
  readonly replicas: number;
  readonly rounds: number;
  readonly processes: number;
}

/** What each round took, in milliseconds. */
interface Rounds {
  /** One bare publish, N bare answers. */
  readonly floors: number[];
  /** The same, and each bare replica resets its sockets in a bare loop before it answers. */
  readonly closingFloors: number[];
  readonly resets: number[];
}

const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });

console.log(`${SOCKETS_PER_REPLICA} connections a replica; p50 (p25 .. p75) in ms`);
const only = process.env["FLEETQUAKE_BENCH_REPLICAS"]?.split(",").map(Number);
for (const size of SIZES.filter(({ replicas }) => only?.includes(replicas) ?? true)) {
  await measure(size);
}
keepAlive.destroy();

async function measure(size: Size): Promise<void> {
  await using fleet = await startFleet({
    replicas: 0,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" },
  });
  const connectionString = fleet.busConnectionString;
  await createBareTopics(connectionString, size.replicas);
  await using _replicas = await startHostedReplicas(
    {
      connectionString,
      redisPort: Number(new URL(fleet.redisUrl).port),
      socketsPerReplica: SOCKETS_PER_REPLICA,
    },
    { count: size.replicas, processes: size.processes },
  );
  await using floor = await startBareCounter(connectionString);
  report(size, await inTurns(size, fleet, floor));
}

async function inTurns(
  { replicas, rounds }: Size,
  fleet: StartedFleet,
  floor: BareCounter,
): Promise<Rounds> {
  const measured: Rounds = { floors: [], closingFloors: [], resets: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    await untilQuiet(fleet, replicas);
    const floorInMs = await floor.round(replicas, { closes: false });
    const resetInMs = await reset(fleet.url, replicas);
    await untilQuiet(fleet, replicas);
    const closingFloorInMs = await floor.round(replicas, { closes: true });
    if (round >= 0) {
      measured.floors.push(floorInMs);
      measured.resets.push(resetInMs);
      measured.closingFloors.push(closingFloorInMs);
    }
  }
  return measured;
}

/** All connections stand again, as Redis sees them, and every replica has said so: nothing of the last round is left. */
async function untilQuiet(fleet: StartedFleet, replicas: number): Promise<void> {
  await setTimeout(LAST_REPORTS_IN_MS);
  await waitFor(
    async () => {
      const clients = await fleet.clientIds();
      return (
        clients.length >= replicas * SOCKETS_PER_REPLICA && (await hasRecovered(fleet, replicas))
      );
    },
    { timeoutInMs: 60_000, pollInMs: 250, what: `${replicas} replicas with all their connections` },
  );
}

async function hasRecovered(fleet: StartedFleet, replicas: number): Promise<boolean> {
  const { body } = await fleet.get<{ readonly replicas: readonly ReplicaStatus[] }>(
    "/chaos/replicas",
  );
  const active = body.replicas.filter(({ state }) => state === "active");
  return (
    active.length > replicas &&
    active.every(({ last_recovery: last }) => last === null || last.all_back_ms !== null)
  );
}

async function reset(url: string, replicas: number): Promise<number> {
  const startInMs = performance.now();
  const { status, body } = await post(`${url}/chaos/redis-reset`);
  const tookInMs = performance.now() - startInMs;
  const answer: { readonly connections_closed?: number } = JSON.parse(body);
  if (status !== 200 || (answer.connections_closed ?? 0) < replicas * SOCKETS_PER_REPLICA) {
    throw new Error(`a reset answered ${status}: ${body.slice(0, 500)}`);
  }
  return tookInMs;
}

function post(url: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent: keepAlive }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.once("error", reject);
      answer.once("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}

function report({ replicas }: Size, rounds: Rounds): void {
  const floor = spreadOf(rounds.floors);
  const closingFloor = spreadOf(rounds.closingFloors);
  const took = spreadOf(rounds.resets);
  console.log(
    `N=${replicas}: reset ${formatSpread(took)}, bus floor ${formatSpread(floor)}, ` +
      `ratio ${(took.p50 / floor.p50).toFixed(2)}, difference ${(took.p50 - floor.p50).toFixed(1)}; ` +
      `bus floor and bare closes ${formatSpread(closingFloor)}, ` +
      `ratio ${(took.p50 / closingFloor.p50).toFixed(2)}, ` +
      `difference ${(took.p50 - closingFloor.p50).toFixed(1)}`,
  );
}
