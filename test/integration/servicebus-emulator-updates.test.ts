import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { only } from "../support/only.ts";
import { connectClients } from "../support/service-bus-clients.ts";

const wait = { maxWaitTimeInMs: 4000 };
const short = { maxWaitTimeInMs: 200 };
const entities = {
  queues: [{ name: "q" }],
  topics: [{ name: "t", subscriptions: [{ name: "s" }] }],
};

it("changes queues, topics and subscriptions, and works by it from then on", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await client.createSender("q").sendMessages({ body: 1 });
  const before = await admin.getQueue("q");
  const wanted = { lockDuration: "PT1S", maxDeliveryCount: 1, userMetadata: "new" };
  expect(await admin.updateQueue({ ...before, ...wanted })).toMatchObject(wanted);
  expect(await admin.getQueue("q")).toEqual({ ...before, ...wanted });
  const topic = await admin.getTopic("t");
  await admin.updateTopic({ ...topic, defaultMessageTimeToLive: "PT1H" });
  expect(await admin.getTopic("t")).toMatchObject({ defaultMessageTimeToLive: "PT1H" });
  const subscription = await admin.getSubscription("t", "s");
  await admin.updateSubscription({ ...subscription, forwardTo: "q" });
  await client.createSender("t").sendMessages({ body: 2 });
  const receiver = client.createReceiver("q", { maxAutoLockRenewalDurationInMs: 0 });
  const messages = await receiver.receiveMessages(2, wait);
  expect(messages.map(({ body }: { body: unknown }) => body)).toEqual([1, 2]);
  expect(messages[1]?.timeToLive).toBeUndefined();
  await expect
    .poll(() => broker.describe().queues[0]?.messages, { timeout: 5000 })
    .toMatchObject({ available: 0, locked: 0, deadLettered: 2 });
  await expect(admin.updateQueue({ ...before, name: "missing" })).rejects.toMatchObject({
    statusCode: 404,
  });
});

it("counts messages by their state, with sizes and times", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const started = Date.now();
  const sender = client.createSender("q");
  await sender.sendMessages([1, 2, 3, 4].map((body) => ({ body, messageId: String(body) })));
  await sender.scheduleMessages({ body: "x".repeat(1000) }, new Date(Date.now() + 3_600_000));
  const receiver = client.createReceiver("q");
  const [locked, deferred, dead] = await receiver.receiveMessages(3, wait);
  if (locked === undefined || deferred === undefined || dead === undefined) {
    throw new Error("Three messages were expected.");
  }
  await receiver.deferMessage(deferred);
  await receiver.deadLetterMessage(dead);
  const found = await admin.getQueueRuntimeProperties("q");
  expect(found).toMatchObject({
    totalMessageCount: 5,
    activeMessageCount: 3,
    deadLetterMessageCount: 1,
    scheduledMessageCount: 1,
    transferMessageCount: 0,
    transferDeadLetterMessageCount: 0,
  });
  expect(found.sizeInBytes).toBeGreaterThan(1000);
  expect(found.sizeInBytes).toBeLessThan(3000);
  expect(found.accessedAt.getTime()).toBeGreaterThanOrEqual(started);
  expect(found.modifiedAt).toEqual(found.createdAt);
  await client.createSender("t").sendMessages([{ body: 1 }, { body: 2 }]);
  expect(await admin.getSubscriptionRuntimeProperties("t", "s")).toMatchObject({
    totalMessageCount: 2,
    activeMessageCount: 2,
  });
  expect(await admin.getTopicRuntimeProperties("t")).toMatchObject({ subscriptionCount: 1 });
  await admin.updateQueue(await admin.getQueue("q"));
  const updated = await admin.getQueueRuntimeProperties("q");
  expect(updated.modifiedAt.getTime()).toBeGreaterThanOrEqual(found.accessedAt.getTime());
});

it("closes the way in, the way out, or both, for links that are there and for new ones", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const queue = await admin.getQueue("q");
  const sender = client.createSender("q");
  const receiver = client.createReceiver("q", { receiveMode: "receiveAndDelete" });
  await sender.sendMessages([{ body: 1 }, { body: 2 }]);
  const disabled = { code: "MessagingEntityDisabled" };
  await admin.updateQueue({ ...queue, status: "SendDisabled" });
  await expect(sender.sendMessages({ body: 3 })).rejects.toMatchObject(disabled);
  await expect(sender.scheduleMessages({ body: 3 }, new Date())).rejects.toMatchObject(disabled);
  expect(only(await receiver.receiveMessages(1, wait)).body).toBe(1);
  await admin.updateQueue({ ...queue, status: "ReceiveDisabled" });
  await sender.sendMessages({ body: 3 });
  await expect(receiver.receiveMessages(1, wait)).rejects.toMatchObject(disabled);
  await expect(receiver.peekMessages(1)).rejects.toMatchObject(disabled);
  await admin.updateQueue({ ...queue, status: "Disabled" });
  await expect(client.createSender("q").sendMessages({ body: 4 })).rejects.toMatchObject(disabled);
  await expect(client.createReceiver("q").receiveMessages(1, wait)).rejects.toMatchObject(disabled);
  expect((await admin.getQueue("q")).status).toBe("Disabled");
  await admin.updateQueue({ ...queue, status: "Active" });
  const rest = await receiver.receiveMessages(2, wait);
  expect(rest.map(({ body }: { body: unknown }) => body)).toEqual([2, 3]);
});

it("copies nothing to a disabled subscription, and lets one that only may not receive fill up", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const subscription = await admin.getSubscription("t", "s");
  const sender = client.createSender("t");
  await admin.updateSubscription({ ...subscription, status: "Disabled" });
  await sender.sendMessages({ body: 1 });
  await admin.updateSubscription({ ...subscription, status: "ReceiveDisabled" });
  await sender.sendMessages({ body: 2 });
  await admin.updateSubscription({ ...subscription, status: "Active" });
  const receiver = client.createReceiver("t", "s", { receiveMode: "receiveAndDelete" });
  expect(only(await receiver.receiveMessages(2, short)).body).toBe(2);
  const topic = await admin.getTopic("t");
  await admin.updateTopic({ ...topic, status: "Disabled" });
  await expect(sender.sendMessages({ body: 3 })).rejects.toMatchObject({
    code: "MessagingEntityDisabled",
  });
});
