// What the embedded broker costs: a command to 100 replicas and their answers, by the SDK over the fleet's own socket and by
// bare rhea clients, in turns on the same broker; the broker's own processor time and memory, read from outside; and how fast
// it takes subscriptions.
import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { allowEmulator } from "@fleetquake/servicebus-emulator";
import { processUsage } from "../support/process-usage.ts";
import { startBrokerProcess, type StartedBrokerProcess } from "../support/start-broker-process.ts";
import { startDriver } from "./broker/clients.ts";
import {
  type ClientKind,
  DRIVER,
  type FanOutDriver,
  replicaSubscription,
  topicsOf,
} from "./broker/fan-out.ts";
import { startHosts } from "./broker/start-hosts.ts";
import { inWaves } from "./fleet-reset/in-waves.ts";
import { formatSpread, spreadOf } from "./measurements.ts";

const REPLICAS = 100;
/** Of each kind of clients. */
const PROCESSES = 2;
/** Each kind by itself for a while: what a round leaves to do, receipts and credit, falls on rounds of its own kind. */
const BLOCKS = 10;
const ROUNDS_PER_BLOCK = 30;
/** Before each block: what the other kind has left to do is done then. */
const SETTLING_ROUNDS = 5;
const WARM_UP_BLOCKS = 1;
const SUBSCRIPTIONS = 500;

/** One kind of clients, connected, and what was measured of it. */
interface Fleet extends AsyncDisposable {
  readonly kind: ClientKind;
  readonly driver: FanOutDriver;
  readonly memoryInKb: number;
  /** Each round, in milliseconds. */
  readonly times: number[];
  processorInMs: number;
}

await measureSubscriptions();
await measureFanOut();

async function measureSubscriptions(): Promise<void> {
  await using broker = await startBrokerProcess();
  const admin = allowEmulator(new ServiceBusAdministrationClient(broker.connectionString));
  await admin.createTopic("commands");
  const before = processUsage(broker.pid).residentInMb;
  const startInMs = performance.now();
  await inWaves(range(SUBSCRIPTIONS), async (index) => {
    await admin.createSubscription("commands", replicaSubscription(index));
  });
  const tookInMs = performance.now() - startInMs;
  const grewInKb = (processUsage(broker.pid).residentInMb - before) * 1_024;
  console.log(
    `${SUBSCRIPTIONS} subscriptions: ${tookInMs.toFixed(0)} ms, ` +
      `${(grewInKb / SUBSCRIPTIONS).toFixed(0)} KiB of the broker's memory each`,
  );
}

async function measureFanOut(): Promise<void> {
  await using broker = await startBrokerProcess();
  await using rhea = await startFleetOf("rhea", broker);
  await using sdk = await startFleetOf("sdk", broker);
  for (let block = -WARM_UP_BLOCKS; block < BLOCKS; block += 1) {
    for (const fleet of [rhea, sdk]) {
      const { times, processorInMs } = await measureBlock(fleet, broker);
      if (block >= 0) {
        fleet.times.push(...times);
        fleet.processorInMs += processorInMs;
      }
    }
  }
  for (const { kind, times, processorInMs, memoryInKb } of [rhea, sdk]) {
    console.log(
      `${kind}, N=${REPLICAS}: command and answers ${formatSpread(spreadOf(times))} ms; of the broker ` +
        `${(processorInMs / (times.length * REPLICAS)).toFixed(3)} ms of processor time per replica and command, ` +
        `${memoryInKb.toFixed(0)} KiB of memory per replica`,
    );
  }
  const ratio = spreadOf(sdk.times).p50 / spreadOf(rhea.times).p50;
  console.log(`SDK against bare rhea clients: ratio of the medians ${ratio.toFixed(2)}`);
}

async function measureBlock(
  { driver }: Fleet,
  broker: StartedBrokerProcess,
): Promise<{ readonly times: readonly number[]; readonly processorInMs: number }> {
  for (let round = 0; round < SETTLING_ROUNDS; round += 1) {
    await driver.round(REPLICAS);
  }
  const times: number[] = [];
  const before = processUsage(broker.pid);
  for (let round = 0; round < ROUNDS_PER_BLOCK; round += 1) {
    times.push(await driver.round(REPLICAS));
  }
  return { times, processorInMs: processUsage(broker.pid).processorInMs - before.processorInMs };
}

async function startFleetOf(
  kind: ClientKind,
  { connectionString, pid }: StartedBrokerProcess,
): Promise<Fleet> {
  const admin = allowEmulator(new ServiceBusAdministrationClient(connectionString));
  const { commands, answers } = topicsOf(kind);
  await admin.createTopic(commands);
  await admin.createTopic(answers);
  await admin.createSubscription(answers, DRIVER);
  const driver = await startDriver(kind, connectionString);
  const before = processUsage(pid).residentInMb;
  await inWaves(range(REPLICAS), async (index) => {
    await admin.createSubscription(commands, replicaSubscription(index));
  });
  const hosts = await startHosts({
    kind,
    connectionString,
    replicas: REPLICAS,
    processes: PROCESSES,
  });
  return {
    kind,
    driver,
    memoryInKb: ((processUsage(pid).residentInMb - before) * 1_024) / REPLICAS,
    times: [],
    processorInMs: 0,
    async [Symbol.asyncDispose]() {
      await hosts[Symbol.asyncDispose]();
      await driver[Symbol.asyncDispose]();
    },
  };
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
