import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

it("sends to a topic and receives from its subscriptions", async () => {
  await using broker = await startBroker();
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createTopic("commands");
  await admin.createSubscription("commands", "one");
  await admin.createSubscription("commands", "two");
  const one = client.createReceiver("commands", "one", { receiveMode: "receiveAndDelete" });
  const two = client.createReceiver("commands", "two");
  const sender = client.createSender("commands");
  await sender.sendMessages({ body: { greeting: "hello" }, applicationProperties: { n: 1 } });
  const [first] = await one.receiveMessages(1, { maxWaitTimeInMs: 2000 });
  const [second] = await two.receiveMessages(1, { maxWaitTimeInMs: 2000 });
  expect(first?.body).toEqual({ greeting: "hello" });
  expect(second?.body).toEqual({ greeting: "hello" });
  if (second !== undefined) {
    await two.completeMessage(second);
  }
  expect(broker.describe().topics[0]?.subscriptions).toMatchObject([
    { name: "one", messages: { available: 0, locked: 0 } },
    { name: "two", messages: { available: 0, locked: 0 } },
  ]);
});

it("gives a session to one receiver, and its state to the next", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "locks", requiresSession: true, lockDuration: "PT15S" }] },
  });
  await using clients = connectClients(broker);
  const { client } = clients;
  const first = await client.acceptSession("locks", "redis-reset");
  await expect(client.acceptSession("locks", "redis-reset")).rejects.toMatchObject({
    code: "SessionCannotBeLocked",
  });
  expect(await first.getSessionState()).toBeNull();
  await first.setSessionState({ epoch: 7 });
  const before = first.sessionLockedUntilUtc.getTime();
  await first.renewSessionLock();
  expect(first.sessionLockedUntilUtc.getTime()).toBeGreaterThanOrEqual(before);
  await first.close();
  const second = await client.acceptSession("locks", "redis-reset");
  expect(await second.getSessionState()).toEqual({ epoch: 7 });
});
