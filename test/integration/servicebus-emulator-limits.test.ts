import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

const wait = { maxWaitTimeInMs: 4000 };
const limit = 262_144;
const queue = { entities: { queues: [{ name: "q" }] } };

it("takes a batch that is filled up to the limit, and every message in it", async () => {
  await using broker = await startBroker(queue);
  await using clients = connectClients(broker);
  const sender = clients.client.createSender("q");
  const batch = await sender.createMessageBatch();
  expect(batch.maxSizeInBytes).toBe(limit);
  const body = "x".repeat(1000);
  while (batch.tryAddMessage({ body })) {
    expect(batch.sizeInBytes).toBeLessThanOrEqual(limit);
  }
  // One more of a few bytes each, until there is no room for the smallest message.
  while (batch.tryAddMessage({ body: 1 })) {
    expect(batch.sizeInBytes).toBeLessThanOrEqual(limit);
  }
  expect(batch.sizeInBytes).toBeGreaterThan(limit - 200);
  await sender.sendMessages(batch);
  expect(broker.describe().queues[0]?.messages.available).toBe(batch.count);
  await expect(sender.createMessageBatch({ maxSizeInBytes: limit + 1 })).rejects.toThrow(
    "greater than maximum message size",
  );
});

it("refuses what is larger with the error of the SDK, sent, batched or scheduled", async () => {
  await using broker = await startBroker(queue);
  await using clients = connectClients(broker);
  const sender = clients.client.createSender("q");
  const large = { body: "x".repeat(limit) };
  const together = [{ body: "x".repeat(200_000) }, { body: "y".repeat(100_000) }];
  const later = new Date(Date.now() + 3_600_000);
  for (const send of [
    () => sender.sendMessages(large),
    () => sender.sendMessages(together),
    () => sender.scheduleMessages(large, later),
    () => sender.scheduleMessages(together, later),
  ]) {
    await expect(send()).rejects.toMatchObject({ code: "MessageSizeExceeded" });
  }
  expect(broker.describe().queues[0]?.messages).toMatchObject({ available: 0, scheduled: 0 });
  await sender.sendMessages({ body: "x".repeat(limit - 200) });
  const receiver = clients.client.createReceiver("q");
  const [message] = await receiver.receiveMessages(1, wait);
  expect(message?.body).toHaveLength(limit - 200);
});
