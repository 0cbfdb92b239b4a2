import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { only } from "../support/only.ts";
import { numberLike, numberOf } from "../support/sequence-number.ts";
import { connectClients } from "../support/service-bus-clients.ts";

const wait = { maxWaitTimeInMs: 4000 };
const short = { maxWaitTimeInMs: 200 };
const queue = { entities: { queues: [{ name: "q" }] } };

it("puts a message aside, and hands it out to who knows its number", async () => {
  await using broker = await startBroker(queue);
  await using clients = connectClients(broker);
  const receiver = clients.client.createReceiver("q");
  await clients.client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  const [first, second] = await receiver.receiveMessages(2, wait);
  if (first === undefined || second === undefined) {
    throw new Error("Two messages were expected.");
  }
  await receiver.deferMessage(first, { why: "later" });
  await receiver.completeMessage(second);
  expect(await receiver.receiveMessages(1, short)).toHaveLength(0);
  expect(only(await receiver.peekMessages(5))).toMatchObject({ body: 1, state: "deferred" });
  const again = only(await receiver.receiveDeferredMessages(numberOf(first)));
  expect(again).toMatchObject({
    body: 1,
    state: "deferred",
    deliveryCount: 0,
    applicationProperties: { why: "later" },
  });
  expect(again.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now());
  expect((await receiver.renewMessageLock(again)).getTime()).toBeGreaterThan(Date.now());
  await receiver.completeMessage(again);
  expect(await receiver.peekMessages(5, { fromSequenceNumber: numberOf(first) })).toHaveLength(0);
});

it("keeps an abandoned deferred message deferred, counts it, and dead-letters it when told to", async () => {
  await using broker = await startBroker(queue);
  await using clients = connectClients(broker);
  const { client } = clients;
  const receiver = client.createReceiver("q");
  await client.createSender("q").sendMessages({ body: 1 });
  const message = only(await receiver.receiveMessages(1, wait));
  await receiver.deferMessage(message);
  await receiver.abandonMessage(only(await receiver.receiveDeferredMessages(numberOf(message))), {
    tried: true,
  });
  expect(await receiver.receiveMessages(1, short)).toHaveLength(0);
  const again = only(await receiver.receiveDeferredMessages(numberOf(message)));
  expect(again).toMatchObject({ deliveryCount: 1, applicationProperties: { tried: true } });
  await receiver.deadLetterMessage(again, {
    deadLetterReason: "enough",
    deadLetterErrorDescription: "tried twice",
  });
  const dead = client.createReceiver("q", { subQueueType: "deadLetter" });
  expect(only(await dead.receiveMessages(1, wait))).toMatchObject({
    body: 1,
    deadLetterReason: "enough",
    state: "active",
  });
  expect(broker.describe().queues[0]?.messages).toMatchObject({ deferred: 0, deadLettered: 1 });
});

it("refuses numbers that are not deferred, all or none, and takes for good without a lock", async () => {
  await using broker = await startBroker(queue);
  await using clients = connectClients(broker);
  const { client } = clients;
  const receiver = client.createReceiver("q");
  await client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  const messages = await receiver.receiveMessages(2, wait);
  for (const message of messages) {
    await receiver.deferMessage(message);
  }
  const numbers = messages.map(numberOf);
  const [first] = numbers;
  if (first === undefined) {
    throw new Error("Two messages were expected.");
  }
  const taking = client.createReceiver("q", { receiveMode: "receiveAndDelete" });
  await expect(
    taking.receiveDeferredMessages([first, numberLike(first, 99)]),
  ).rejects.toMatchObject({ code: "MessageNotFound" });
  const taken = await taking.receiveDeferredMessages(numbers);
  expect(taken.map(({ body }: { body: unknown }) => body)).toEqual([1, 2]);
  await expect(taking.receiveDeferredMessages(first)).rejects.toMatchObject({
    code: "MessageNotFound",
  });
  expect(broker.describe().queues[0]?.messages).toMatchObject({ deferred: 0, locked: 0 });
});

it("defers within a session, for whoever holds the session", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "q", requiresSession: true }] },
  });
  await using clients = connectClients(broker);
  const { client } = clients;
  await client.createSender("q").sendMessages({ body: 1, sessionId: "a" });
  const first = await client.acceptSession("q", "a");
  const message = only(await first.receiveMessages(1, wait));
  await first.deferMessage(message);
  await first.close();
  const second = await client.acceptSession("q", "a");
  expect(only(await second.peekMessages(5))).toMatchObject({ state: "deferred" });
  const again = only(await second.receiveDeferredMessages(numberOf(message)));
  expect(again.body).toBe(1);
  await second.completeMessage(again);
  expect(broker.describe().queues[0]?.messages).toMatchObject({ deferred: 0, locked: 0 });
});

it("peeks from a number on, also dead letters", async () => {
  await using broker = await startBroker(queue);
  await using clients = connectClients(broker);
  const { client } = clients;
  const receiver = client.createReceiver("q");
  await client
    .createSender("q")
    .sendMessages(Array.from({ length: 5 }, (_value, index) => ({ body: index + 1 })));
  const start = numberOf(only(await receiver.peekMessages(1)));
  const bodies = async (count: number, from?: number): Promise<readonly unknown[]> => {
    const options = from === undefined ? {} : { fromSequenceNumber: numberLike(start, from) };
    const peeked = await receiver.peekMessages(count, options);
    return peeked.map(({ body }: { body: unknown }) => body);
  };
  expect(await bodies(2, 3)).toEqual([3, 4]);
  // Without a number a client goes on where it has stopped.
  expect(await bodies(2)).toEqual([5]);
  const [, second] = await receiver.receiveMessages(2, wait);
  if (second === undefined) {
    throw new Error("Two messages were expected.");
  }
  await receiver.deadLetterMessage(second, {
    deadLetterReason: "bad",
    deadLetterErrorDescription: "no",
  });
  const dead = client.createReceiver("q", { subQueueType: "deadLetter" });
  const [letter] = await dead.peekMessages(5);
  expect(letter).toMatchObject({ body: 2, deadLetterReason: "bad", deadLetterSource: "q" });
  expect(await bodies(5, 1)).toEqual([1, 3, 4, 5]);
});
