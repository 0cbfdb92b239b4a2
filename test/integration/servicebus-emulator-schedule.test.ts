import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { only } from "../support/only.ts";
import { numberLike } from "../support/sequence-number.ts";
import { connectClients } from "../support/service-bus-clients.ts";

const wait = { maxWaitTimeInMs: 5000 };
const short = { maxWaitTimeInMs: 200 };
const hour = 3_600_000;
const entities = {
  queues: [{ name: "q" }],
  topics: [{ name: "t", subscriptions: [{ name: "s" }] }],
};

it("holds a scheduled message back until its time, shows it, and gives it a new number then", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const sender = clients.client.createSender("q");
  const receiver = clients.client.createReceiver("q");
  const due = new Date(Date.now() + 1500);
  const [number] = await sender.scheduleMessages([{ body: "later" }], due);
  expect(number?.toNumber()).toBe(1);
  await sender.sendMessages({ body: "now" });
  expect(only(await receiver.receiveMessages(2, short)).body).toBe("now");
  const [shown] = await receiver.peekMessages(5);
  expect(shown).toMatchObject({ body: "later", state: "scheduled", scheduledEnqueueTimeUtc: due });
  const later = only(await receiver.receiveMessages(1, wait));
  expect(later).toMatchObject({ body: "later", state: "active" });
  expect(later.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(due.getTime());
  expect(later.sequenceNumber?.toNumber()).toBe(3);
});

it("takes scheduled messages back, and refuses numbers that are not scheduled", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const sender = clients.client.createSender("t");
  const due = new Date(Date.now() + hour);
  const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }, { body: 3 }], due);
  const [first] = numbers;
  if (first === undefined) {
    throw new Error("Three numbers were expected.");
  }
  expect(numbers.map((number) => number.toNumber())).toEqual([1, 2, 3]);
  await sender.cancelScheduledMessages(numbers.slice(0, 2));
  expect(broker.describe().topics[0]?.scheduled).toBe(1);
  await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({
    code: "MessageNotFound",
  });
  await expect(sender.cancelScheduledMessages(numberLike(first, 99))).rejects.toMatchObject({
    code: "MessageNotFound",
  });
  expect(broker.describe().topics[0]?.scheduled).toBe(1);
});

it("honours the time in a message that is sent, in order of the times", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { client, admin } = clients;
  const sender = client.createSender("t");
  const now = Date.now();
  await sender.sendMessages([
    { body: "second", scheduledEnqueueTimeUtc: new Date(now + 1200) },
    { body: "first", scheduledEnqueueTimeUtc: new Date(now + 900) },
    { body: "never", scheduledEnqueueTimeUtc: new Date(now + hour) },
    { body: "past", scheduledEnqueueTimeUtc: new Date(now - hour) },
  ]);
  expect(await admin.getTopicRuntimeProperties("t")).toMatchObject({ scheduledMessageCount: 3 });
  const receiver = client.createReceiver("t", "s", { receiveMode: "receiveAndDelete" });
  const bodies: unknown[] = [];
  while (bodies.length < 3) {
    const received = await receiver.receiveMessages(1, wait);
    bodies.push(...received.map(({ body }: { body: unknown }) => body));
  }
  expect(bodies).toEqual(["past", "first", "second"]);
});

it("drops what is sent again under the same id within the window", async () => {
  await using broker = await startBroker();
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const once = { requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: "PT20S" };
  expect(await admin.createQueue("once", once)).toMatchObject(once);
  await admin.createTopic("t", once);
  await admin.createSubscription("t", "s");
  await admin.createQueue("plain");
  for (const name of ["once", "t", "plain"]) {
    const sender = client.createSender(name);
    await sender.sendMessages([
      { body: 1, messageId: "a" },
      { body: 2, messageId: "a" },
      { body: 3, messageId: "b" },
    ]);
    await sender.sendMessages({ body: 4, messageId: "a" });
    await sender.sendMessages([{ body: 5 }, { body: 6 }]);
  }
  const counted = broker.describe();
  const available = (name: string): number | undefined =>
    counted.queues.find((queue) => queue.name === name)?.messages.available;
  expect(available("once")).toBe(4);
  expect(available("plain")).toBe(6);
  expect(counted.topics[0]?.subscriptions[0]?.messages.available).toBe(4);
  await expect(
    admin.createQueue("short", { ...once, duplicateDetectionHistoryTimeWindow: "PT19S" }),
  ).rejects.toMatchObject({
    statusCode: 400,
    message: expect.stringContaining("DuplicateDetectionHistoryTimeWindow"),
  });
});
