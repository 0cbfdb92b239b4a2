import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { ServiceBusAdministrationClient, type ServiceBusClient } from "@azure/service-bus";
import { allowEmulator } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { findAll, loadUntilKilled } from "../support/durable/durable-load.ts";
import { MessagePlaces } from "../support/durable/message-places.ts";
import { seededRandom } from "../support/durable/seeded-random.ts";
import { only } from "../support/only.ts";
import { numberOf } from "../support/sequence-number.ts";
import { connectClients } from "../support/service-bus-clients.ts";
import { startEmulator, type StartedEmulatorProcess } from "../support/start-emulator-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const ROUNDS = process.env["FLEETQUAKE_TEST_SIZE"] === "full" ? 60 : 5;
/** Operations that a round has before the kill, however slow the machine. */
const LEAST_PER_ROUND = 20;
const QUEUE = "work";
const SETTLED_WITHIN_IN_MS = 3_000;

/** The clients of the load do not wait long for the answers of a broker that is dead. */
const impatient = { retryOptions: { maxRetries: 0, timeoutInMs: 600 } };

async function kill({ child }: StartedEmulatorProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

async function createEntities(admin: ServiceBusAdministrationClient): Promise<void> {
  await admin.createQueue(QUEUE, { maxDeliveryCount: 1000, lockDuration: "PT5M" });
  await admin.createTopic("news");
  await admin.createSubscription("news", "red", {
    lockDuration: "PT30S",
    forwardTo: QUEUE,
    defaultRuleOptions: {
      name: "only-red",
      filter: { sqlExpression: "colour = 'red'" },
      action: { sqlExpression: "SET seen = TRUE" },
    },
  });
}

/** All that the admin REST says of entities, without what changes by itself. */
async function describeEntities(admin: ServiceBusAdministrationClient): Promise<unknown> {
  const [queue, topic, subscription, rule, times] = await Promise.all([
    admin.getQueue(QUEUE),
    admin.getTopic("news"),
    admin.getSubscription("news", "red"),
    admin.getRule("news", "red", "only-red"),
    admin.getQueueRuntimeProperties(QUEUE),
  ]);
  return JSON.parse(
    JSON.stringify([queue, topic, subscription, rule, times.createdAt, times.modifiedAt]),
  );
}

/** Makes subscriptions until the broker is killed; those whose making was answered go to `made`. */
async function createSubscriptions(
  admin: ServiceBusAdministrationClient,
  prefix: string,
  made: string[],
): Promise<never> {
  for (let index = 0; ; index += 1) {
    const name = `${prefix}-${index}`;
    await admin.createSubscription("news", name, { userMetadata: name });
    made.push(name);
  }
}

/** Sends one more message and returns the number that it gets. */
async function nextNumber(client: ServiceBusClient, id: string): Promise<number> {
  await client.createSender(QUEUE).sendMessages({ messageId: id, body: "probe" });
  const receiver = client.createReceiver(QUEUE, { receiveMode: "receiveAndDelete" });
  const all = await receiver.peekMessages(100_000);
  await receiver.close();
  return numberOf(only(all.filter(({ messageId }) => messageId === id))).toNumber();
}

it(`keeps what was acknowledged, and exactly that, when it is killed ${ROUNDS} times under load`, {
  timeout: 60_000 + ROUNDS * 10_000,
}, async () => {
  const seed = Number(process.env["FLEETQUAKE_TEST_SEED"] ?? Date.now() % 1_000_000);
  process.stdout.write(`kill test: FLEETQUAKE_TEST_SEED=${seed}\n`);
  const random = seededRandom(seed);
  await using folder = await temporaryFolder();
  const places = new MessagePlaces();
  const made: string[] = [];
  let described: unknown;
  let lastNumber = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    await using emulator = await startEmulator(["--data", folder.path]);
    const connectionString = emulator.printed("ServiceBusClient");
    await using clients = connectClients({ connectionString });
    const { client, admin } = clients;
    if (round === 0) {
      await createEntities(admin);
      described = await describeEntities(admin);
    }
    const found = await findAll(client, QUEUE).catch((error: unknown) => {
      throw new Error(`round ${round}: ${emulator.stderr}`, { cause: error });
    });
    expect(places.problems(found), `round ${round}, seed ${seed}`).toEqual([]);
    places.settle(found);
    expect(await describeEntities(admin)).toEqual(described);
    for (const name of made) {
      expect((await admin.getSubscription("news", name)).userMetadata).toBe(name);
    }
    made.length = 0;
    const probe = `probe-${round}`;
    let number = 0;
    await places.move([probe], "active", async () => {
      number = await nextNumber(client, probe);
    });
    expect(number).toBeGreaterThan(lastNumber);
    lastNumber = number;
    if (round < ROUNDS) {
      const acknowledgedBefore = places.acknowledgedCount;
      const loaded = connectClients({ connectionString }, impatient);
      const hasty = allowEmulator(new ServiceBusAdministrationClient(connectionString, impatient));
      const load = loadUntilKilled({
        client: loaded.client,
        queue: QUEUE,
        places,
        random,
        prefix: `r${round}`,
      });
      const admins = createSubscriptions(hasty, `r${round}`, made).catch(() => undefined);
      await until(() => places.acknowledgedCount > acknowledgedBefore + LEAST_PER_ROUND);
      await sleep(random() * 600);
      await kill(emulator);
      // Once in a while the client never settles what was under way; its outcome is as unknown as that of what failed.
      await Promise.race([Promise.all([load, admins]), sleep(SETTLED_WITHIN_IN_MS)]);
      const closing = Promise.resolve(loaded[Symbol.asyncDispose]()).catch(() => undefined);
      await Promise.race([closing, sleep(SETTLED_WITHIN_IN_MS)]);
    }
  }
  process.stdout.write(`kill test: ${places.acknowledgedCount} operations acknowledged\n`);
  expect(places.acknowledgedCount).toBeGreaterThan(ROUNDS * LEAST_PER_ROUND);
});
