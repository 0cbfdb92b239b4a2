import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { only } from "../support/only.ts";
import { connectClients } from "../support/service-bus-clients.ts";

const wait = { maxWaitTimeInMs: 4000 };

it("passes messages of a queue and of a subscription on, and shows where they come from", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "all" }], topics: [{ name: "t" }] },
  });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const queue = await admin.createQueue("q", { forwardTo: "all" });
  expect(queue.forwardTo).toContain("/all");
  await admin.createSubscription("t", "s", { forwardTo: "all" });
  await client.createSender("all").sendMessages({ body: 0 });
  await client.createSender("q").sendMessages({ body: 1 });
  await client.createSender("t").sendMessages({ body: 2, timeToLive: 60_000 });
  const receiver = client.createReceiver("all");
  const received = await receiver.receiveMessages(3, wait);
  expect(
    received.map(({ body, sequenceNumber, enqueuedSequenceNumber }) => [
      body as unknown,
      Number(sequenceNumber),
      enqueuedSequenceNumber,
    ]),
  ).toEqual([
    [0, 1, undefined],
    [1, 2, 1],
    [2, 3, 1],
  ]);
  await expect(client.createReceiver("q").receiveMessages(1, wait)).rejects.toMatchObject({
    code: "GeneralError",
    message: expect.stringContaining("auto-forwarding is enabled"),
  });
});

it("passes dead letters on with their reason, and dead-letters what cannot be passed on", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "dead" }] } });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createQueue("q", { forwardDeadLetteredMessagesTo: "dead", maxDeliveryCount: 1 });
  await client.createSender("q").sendMessages({ body: 1 });
  const receiver = client.createReceiver("q");
  await receiver.abandonMessage(only(await receiver.receiveMessages(1, wait)));
  expect(only(await client.createReceiver("dead").receiveMessages(1, wait))).toMatchObject({
    body: 1,
    deadLetterSource: "q",
    deadLetterReason: "MaxDeliveryCountExceeded",
  });
  await admin.deleteQueue("dead");
  await client.createSender("q").sendMessages({ body: 2 });
  await receiver.abandonMessage(only(await receiver.receiveMessages(1, wait)));
  const stranded = client.createReceiver("q", { subQueueType: "transferDeadLetter" });
  const message = only(await stranded.receiveMessages(1, wait));
  expect(message).toMatchObject({ body: 2, deadLetterReason: "MessagingEntityNotFound" });
  expect(await admin.getQueueRuntimeProperties("q")).toMatchObject({
    transferDeadLetterMessageCount: 1,
  });
  await stranded.completeMessage(message);
});

it("dead-letters on a subscription: by its receiver, after the last delivery, and on expiry", async () => {
  await using broker = await startBroker({ entities: { topics: [{ name: "t" }] } });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createSubscription("t", "s", {
    maxDeliveryCount: 1,
    deadLetteringOnMessageExpiration: true,
  });
  const sender = client.createSender("t");
  const receiver = client.createReceiver("t", "s");
  await sender.sendMessages([{ body: "told" }, { body: "failed" }]);
  const [told, failed] = await receiver.receiveMessages(2, wait);
  if (told === undefined || failed === undefined) {
    throw new Error("Two messages were expected.");
  }
  await receiver.deadLetterMessage(told, {
    deadLetterReason: "unreadable",
    deadLetterErrorDescription: "not JSON",
  });
  await receiver.abandonMessage(failed);
  await receiver.close();
  await sender.sendMessages({ body: "late", timeToLive: 100 });
  const dead = client.createReceiver("t", "s", { subQueueType: "deadLetter" });
  await expect
    .poll(() => broker.describe().topics[0]?.subscriptions[0]?.messages.deadLettered, {
      timeout: 5000,
    })
    .toBe(3);
  const letters = await dead.receiveMessages(3, wait);
  expect(
    letters.map(({ body, deadLetterReason, deadLetterErrorDescription }) => [
      body as unknown,
      deadLetterReason,
      deadLetterErrorDescription,
    ]),
  ).toEqual([
    ["told", "unreadable", "not JSON"],
    ["failed", "MaxDeliveryCountExceeded", expect.stringContaining("1 delivery attempts")],
    ["late", "TTLExpiredException", expect.stringContaining("expired")],
  ]);
  for (const letter of letters) {
    expect(letter.deadLetterSource).toBe("t/Subscriptions/s");
    await dead.completeMessage(letter);
  }
  expect(await dead.peekMessages(1)).toHaveLength(0);
});
