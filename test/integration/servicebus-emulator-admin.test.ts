import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

async function namesOf<Entity>(
  entities: AsyncIterable<Entity>,
  name: (entity: Entity) => string,
): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entity of entities) {
    names.push(name(entity));
  }
  return names;
}

it("creates, shows, lists and deletes queues, topics and subscriptions", async () => {
  await using broker = await startBroker();
  await using clients = connectClients(broker);
  const { admin } = clients;
  const queue = await admin.createQueue("orders/new", {
    lockDuration: "PT15S",
    maxDeliveryCount: 3,
    requiresSession: true,
    defaultMessageTimeToLive: "PT1M",
    autoDeleteOnIdle: "PT5M",
    userMetadata: "<&>",
    deadLetteringOnMessageExpiration: true,
  });
  expect(queue).toMatchObject({
    name: "orders/new",
    lockDuration: "PT15S",
    maxDeliveryCount: 3,
    requiresSession: true,
    defaultMessageTimeToLive: "PT1M",
    autoDeleteOnIdle: "PT5M",
    userMetadata: "<&>",
    deadLetteringOnMessageExpiration: true,
    status: "Active",
  });
  expect(await admin.getQueue("orders/new")).toEqual(queue);
  await admin.createTopic("chaos-commands", { defaultMessageTimeToLive: "PT1M" });
  const subscription = await admin.createSubscription("chaos-commands", "r-1", {
    autoDeleteOnIdle: "PT5M",
  });
  expect(subscription).toMatchObject({
    topicName: "chaos-commands",
    subscriptionName: "r-1",
    lockDuration: "PT1M",
    maxDeliveryCount: 10,
    autoDeleteOnIdle: "PT5M",
    requiresSession: false,
  });
  expect(await namesOf(admin.listQueues(), ({ name }) => name)).toEqual(["orders/new"]);
  expect(await namesOf(admin.listTopics(), ({ name }) => name)).toEqual(["chaos-commands"]);
  expect(
    await namesOf(
      admin.listSubscriptions("chaos-commands"),
      ({ subscriptionName }) => subscriptionName,
    ),
  ).toEqual(["r-1"]);
  await admin.deleteSubscription("chaos-commands", "r-1");
  await admin.deleteTopic("chaos-commands");
  await admin.deleteQueue("orders/new");
  expect(broker.describe()).toMatchObject({ queues: [], topics: [] });
});

it("says what exists, whatever the case of its name, and what does not", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "Q" }], topics: [{ name: "T", subscriptions: [{ name: "S" }] }] },
  });
  await using clients = connectClients(broker);
  const { admin } = clients;
  expect(await admin.queueExists("q")).toBe(true);
  expect(await admin.topicExists("t")).toBe(true);
  expect(await admin.subscriptionExists("t", "s")).toBe(true);
  expect(await admin.ruleExists("t", "s", "$default")).toBe(true);
  expect(await admin.queueExists("missing")).toBe(false);
  expect(await admin.subscriptionExists("t", "missing")).toBe(false);
  for (const missing of [
    () => admin.getQueue("missing"),
    () => admin.getSubscription("missing", "s"),
    () => admin.deleteTopic("missing"),
    () => admin.createSubscription("missing", "s"),
  ]) {
    await expect(missing()).rejects.toMatchObject({
      code: "MessageEntityNotFoundError",
      statusCode: 404,
    });
  }
  await expect(admin.createQueue("q")).rejects.toMatchObject({
    code: "MessageEntityAlreadyExistsError",
    statusCode: 409,
  });
  await expect(admin.createTopic("q")).rejects.toMatchObject({ statusCode: 409 });
});

it("lists page by page, and shows the namespace", async () => {
  const names = Array.from({ length: 350 }, (_value, index) => `q${index}`);
  await using broker = await startBroker({
    entities: {
      queues: names.map((name) => ({ name })),
      topics: [{ name: "t", subscriptions: names.map((name) => ({ name })) }],
    },
  });
  await using clients = connectClients(broker);
  const { admin } = clients;
  expect(await namesOf(admin.listQueues(), ({ name }) => name)).toEqual(names);
  expect(
    await namesOf(admin.listSubscriptions("t"), ({ subscriptionName }) => subscriptionName),
  ).toEqual(names);
  expect(await namesOf(admin.listQueuesRuntimeProperties(), ({ name }) => name)).toEqual(names);
  const pages = [];
  for await (const page of admin.listQueues().byPage({ maxPageSize: 90 })) {
    pages.push(page.length);
  }
  expect(pages).toEqual([90, 90, 90, 80]);
  expect(await admin.getNamespaceProperties()).toMatchObject({ messagingSku: "Standard" });
});

it("refuses what it does not support and what is out of range, and says which", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
  await using clients = connectClients(broker);
  const { admin } = clients;
  const queue = await admin.getQueue("q");
  const topic = await admin.createTopic("t");
  const refusals: readonly [() => Promise<unknown>, string][] = [
    [() => admin.createTopic("a", { enablePartitioning: true }), "EnablePartitioning"],
    [() => admin.createQueue("a", { enableExpress: true }), "EnableExpress"],
    [() => admin.createQueue("a", { status: "Renaming" }), "Status"],
    [() => admin.createQueue("a", { forwardTo: "missing" }), "'missing'"],
    [() => admin.updateTopic({ ...topic, status: "ReceiveDisabled" }), "Status"],
    [() => admin.updateQueue({ ...queue, requiresSession: true }), "requiresSession"],
    [
      () => admin.updateQueue({ ...queue, requiresDuplicateDetection: true }),
      "requiresDuplicateDetection",
    ],
    [() => admin.createQueue("a", { lockDuration: "PT6M" }), "LockDuration"],
    [() => admin.createQueue("a", { lockDuration: "soon" }), "LockDuration"],
    [() => admin.createQueue("a", { autoDeleteOnIdle: "PT4M" }), "AutoDeleteOnIdle"],
    [() => admin.createQueue("a", { maxDeliveryCount: 0 }), "MaxDeliveryCount"],
    [() => admin.createQueue("-a"), "name"],
  ];
  for (const [refused, reason] of refusals) {
    await expect(refused()).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining(reason),
    });
  }
  expect(broker.describe().queues).toHaveLength(1);
});

it("tells receivers and senders when their entity is deleted", async () => {
  await using broker = await startBroker({
    entities: {
      queues: [{ name: "locks", requiresSession: true }],
      topics: [{ name: "t", subscriptions: [{ name: "s" }] }],
    },
  });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const errors: unknown[] = [];
  client.createReceiver("t", "s", { receiveMode: "receiveAndDelete" }).subscribe({
    processMessage: async () => undefined,
    processError: async ({ error }) => {
      errors.push(error);
    },
  });
  await expect.poll(() => broker.describe().topics[0]?.subscriptions[0]?.links).toBe(1);
  const waiting = client.acceptNextSession("locks");
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(1);
  await admin.deleteSubscription("t", "s");
  await admin.deleteQueue("locks");
  await expect(waiting).rejects.toMatchObject({ code: "MessagingEntityNotFound" });
  await expect.poll(() => errors).not.toHaveLength(0);
  expect(errors[0]).toMatchObject({
    code: "MessagingEntityNotFound",
    message: expect.stringContaining(`sb://127.0.0.1:${broker.port}/t/Subscriptions/s`),
  });
});

it("creates five hundred subscriptions at once, in seconds", async ({ annotate }) => {
  await using broker = await startBroker({ entities: { topics: [{ name: "t" }] } });
  await using clients = connectClients(broker);
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 500 }, (_value, index) =>
      clients.admin.createSubscription("t", `r-${index}`, { autoDeleteOnIdle: "PT5M" }),
    ),
  );
  const tookInMs = performance.now() - started;
  await annotate(`500 subscriptions: ${tookInMs.toFixed(0)} ms`);
  // The figure is the benchmark's; here the machine may be busy with everything else.
  expect(tookInMs).toBeLessThan(20_000);
  expect(broker.describe().topics[0]?.subscriptions).toHaveLength(500);
});
