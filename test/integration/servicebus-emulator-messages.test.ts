import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

const wait = { maxWaitTimeInMs: 4000 };
const short = { maxWaitTimeInMs: 300 };

function only(messages: readonly ServiceBusReceivedMessage[]): ServiceBusReceivedMessage {
  expect(messages).toHaveLength(1);
  const [message] = messages;
  if (message === undefined) {
    throw new Error("There is no message.");
  }
  return message;
}

it("copies what a topic is sent to each of its subscriptions", async () => {
  await using broker = await startBroker();
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createTopic("commands");
  await admin.createSubscription("commands", "one");
  await admin.createSubscription("commands", "two");
  const one = client.createReceiver("commands", "one", { receiveMode: "receiveAndDelete" });
  const two = client.createReceiver("commands", "two");
  await client.createSender("commands").sendMessages({ body: { greeting: "hello" } });
  expect(only(await one.receiveMessages(1, wait)).body).toEqual({ greeting: "hello" });
  const second = only(await two.receiveMessages(1, wait));
  expect(second.body).toEqual({ greeting: "hello" });
  await two.completeMessage(second);
  expect(broker.describe().topics[0]?.subscriptions).toMatchObject([
    { name: "one", messages: { available: 0, locked: 0 } },
    { name: "two", messages: { available: 0, locked: 0 } },
  ]);
});

it("passes on every property and type, and adds sequence number, time and lock", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
  await using clients = connectClients(broker);
  const { client } = clients;
  const sender = client.createSender("q");
  const before = Date.now();
  await sender.sendMessages([
    {
      body: Buffer.from([0, 1, 255]),
      messageId: "id-1",
      correlationId: 7,
      contentType: "application/octet-stream",
      subject: "label",
      to: "somebody",
      replyTo: "q",
      replyToSessionId: "r",
      partitionKey: "p",
      timeToLive: 60_000,
      applicationProperties: { text: "ö", number: 1.5, integer: 3, yes: true, when: new Date(0) },
    },
    { body: "second", messageId: "id-2" },
  ]);
  const receiver = client.createReceiver("q");
  const [first, second] = await receiver.receiveMessages(2, wait);
  expect(first).toMatchObject({
    body: Buffer.from([0, 1, 255]),
    messageId: "id-1",
    correlationId: 7,
    contentType: "application/octet-stream",
    subject: "label",
    to: "somebody",
    replyTo: "q",
    replyToSessionId: "r",
    partitionKey: "p",
    timeToLive: 60_000,
    deliveryCount: 0,
    state: "active",
    applicationProperties: { text: "ö", number: 1.5, integer: 3, yes: true, when: 0 },
  });
  expect(first?.sequenceNumber?.toNumber()).toBe(1);
  expect(second?.sequenceNumber?.toNumber()).toBe(2);
  expect(first?.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(before);
  expect(first?.enqueuedTimeUtc?.getTime()).toBeLessThanOrEqual(Date.now());
  expect(first?.lockedUntilUtc?.getTime()).toBeGreaterThan(before + 59_000);
  expect(first?.lockToken).toMatch(/^[0-9a-f-]{36}$/u);
});

it("completes a message for good, and gives an abandoned one out again with what was changed", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
  await using clients = connectClients(broker);
  const receiver = clients.client.createReceiver("q");
  await clients.client.createSender("q").sendMessages({ body: 1, applicationProperties: { a: 1 } });
  const first = only(await receiver.receiveMessages(1, wait));
  await receiver.abandonMessage(first, { a: 2, note: "again" });
  const again = only(await receiver.receiveMessages(1, wait));
  expect(again).toMatchObject({ deliveryCount: 1, applicationProperties: { a: 2, note: "again" } });
  expect(again.sequenceNumber?.toNumber()).toBe(first.sequenceNumber?.toNumber());
  await receiver.completeMessage(again);
  expect(await receiver.receiveMessages(1, short)).toHaveLength(0);
  await expect(receiver.completeMessage(again)).rejects.toThrow("already settled");
});

it("moves a message to the dead-letter queue with its reason, or after its last delivery", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "q", maxDeliveryCount: 2 }] },
  });
  await using clients = connectClients(broker);
  const { client } = clients;
  const receiver = client.createReceiver("q");
  const dead = client.createReceiver("q", { subQueueType: "deadLetter" });
  await client.createSender("q").sendMessages([{ body: "bad" }, { body: "failing" }]);
  const [bad, failing] = await receiver.receiveMessages(2, wait);
  if (bad === undefined || failing === undefined) {
    throw new Error("Two messages were expected.");
  }
  await receiver.deadLetterMessage(bad, {
    deadLetterReason: "unreadable",
    deadLetterErrorDescription: "not JSON",
    seenBy: "test",
  });
  await receiver.abandonMessage(failing);
  await receiver.abandonMessage(only(await receiver.receiveMessages(1, wait)));
  const letters = await dead.receiveMessages(2, wait);
  expect(letters).toHaveLength(2);
  expect(letters.find((letter) => letter.body === "bad")).toMatchObject({
    deadLetterReason: "unreadable",
    deadLetterErrorDescription: "not JSON",
    deadLetterSource: "q",
    applicationProperties: { seenBy: "test" },
  });
  expect(letters.find((letter) => letter.body === "failing")).toMatchObject({
    deadLetterReason: "MaxDeliveryCountExceeded",
    deliveryCount: 2,
  });
  for (const letter of letters) {
    await dead.completeMessage(letter);
  }
  expect(broker.describe().queues[0]?.messages).toEqual({
    available: 0,
    locked: 0,
    deferred: 0,
    scheduled: 0,
    deadLettered: 0,
  });
});

it("gives a message out again when its lock runs out, and refuses the late verdict", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "q", lockDuration: "PT1S" }] },
  });
  await using clients = connectClients(broker);
  const receiver = clients.client.createReceiver("q", { maxAutoLockRenewalDurationInMs: 0 });
  await clients.client.createSender("q").sendMessages({ body: 1 });
  const first = only(await receiver.receiveMessages(1, wait));
  const again = only(await receiver.receiveMessages(1, wait));
  expect(again.deliveryCount).toBe(1);
  await expect(receiver.completeMessage(first)).rejects.toMatchObject({ code: "MessageLockLost" });
  await receiver.completeMessage(again);
});

it("keeps a message locked for as long as its lock is renewed", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "q", lockDuration: "PT1S" }] },
  });
  await using clients = connectClients(broker);
  const { client } = clients;
  const receiver = client.createReceiver("q", { maxAutoLockRenewalDurationInMs: 0 });
  const other = client.createReceiver("q");
  await client.createSender("q").sendMessages({ body: 1 });
  const message = only(await receiver.receiveMessages(1, wait));
  const rivals = other.receiveMessages(1, { maxWaitTimeInMs: 1800 });
  for (let renewals = 0; renewals < 3; renewals += 1) {
    const lockedUntil = await receiver.renewMessageLock(message);
    expect(lockedUntil.getTime()).toBeGreaterThan(Date.now() + 800);
    await Promise.race([rivals, new Promise((resolve) => setTimeout(resolve, 600))]);
  }
  expect(await rivals).toHaveLength(0);
  await receiver.completeMessage(message);
  await expect(receiver.renewMessageLock(message)).rejects.toMatchObject({
    code: "MessageLockLost",
  });
});

it("drops messages whose time is over, or dead-letters them if it is told to", async () => {
  await using broker = await startBroker({
    entities: {
      queues: [{ name: "short", defaultMessageTimeToLive: "PT1S" }],
      topics: [
        {
          name: "t",
          subscriptions: [{ name: "s", deadLetteringOnMessageExpiration: true }],
        },
      ],
    },
  });
  await using clients = connectClients(broker);
  const { client } = clients;
  await client.createSender("short").sendMessages({ body: 1, timeToLive: 60_000 });
  await client.createSender("t").sendMessages([{ body: 1, timeToLive: 500 }, { body: 2 }]);
  const dead = client.createReceiver("t", "s", { subQueueType: "deadLetter" });
  expect(only(await dead.receiveMessages(1, wait))).toMatchObject({
    body: 1,
    deadLetterReason: "TTLExpiredException",
  });
  const kept = await client.createReceiver("t", "s").receiveMessages(2, short);
  expect(only(kept).body).toBe(2);
  await expect.poll(() => broker.describe().queues[0]?.messages.available).toBe(0);
});

it("takes a batch, a message of 200 KB, and hands both over whole", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
  await using clients = connectClients(broker);
  const sender = clients.client.createSender("q");
  const batch = await sender.createMessageBatch();
  for (let index = 0; index < 500; index += 1) {
    expect(batch.tryAddMessage({ body: index })).toBe(true);
  }
  await sender.sendMessages(batch);
  await sender.sendMessages({ body: "x".repeat(200_000) });
  const receiver = clients.client.createReceiver("q", { receiveMode: "receiveAndDelete" });
  const bodies: unknown[] = [];
  while (bodies.length < 501) {
    const received = await receiver.receiveMessages(501 - bodies.length, wait);
    expect(received.length).toBeGreaterThan(0);
    bodies.push(...received.map(({ body }: { body: unknown }) => body));
  }
  expect(bodies.slice(0, 500)).toEqual(Array.from({ length: 500 }, (_value, index) => index));
  expect(bodies[500]).toBe("x".repeat(200_000));
});

it("shares messages between receivers, and streams them with autocomplete", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
  await using clients = connectClients(broker);
  const { client } = clients;
  const seen = new Map<string, number[]>();
  for (const name of ["one", "two"]) {
    const bodies: number[] = [];
    seen.set(name, bodies);
    client.createReceiver("q").subscribe(
      {
        processMessage: async ({ body }: { body: number }) => {
          bodies.push(body);
        },
        processError: async ({ error }) => {
          throw error;
        },
      },
      { maxConcurrentCalls: 5 },
    );
  }
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(2);
  await client
    .createSender("q")
    .sendMessages(Array.from({ length: 100 }, (_value, body) => ({ body })));
  const all = (): number[] => [...seen.values()].flat().sort((a, b) => a - b);
  await expect.poll(all).toEqual(Array.from({ length: 100 }, (_value, index) => index));
  expect(seen.get("one")?.length).toBeGreaterThan(20);
  expect(seen.get("two")?.length).toBeGreaterThan(20);
  await expect
    .poll(() => broker.describe().queues[0]?.messages)
    .toMatchObject({ available: 0, locked: 0, deadLettered: 0 });
});

it("shows messages to who peeks, and leaves them where they are", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
  await using clients = connectClients(broker);
  const receiver = clients.client.createReceiver("q");
  await clients.client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  await receiver.receiveMessages(1, wait);
  const peeked = await receiver.peekMessages(10);
  expect(peeked.map(({ body }: { body: unknown }) => body)).toEqual([1, 2, 3]);
  expect(await receiver.peekMessages(10)).toHaveLength(0);
  expect(broker.describe().queues[0]?.messages).toMatchObject({ available: 2, locked: 1 });
});
