import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { allowEmulator } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";
import { startFaultyBroker } from "../support/start-faulty-broker.ts";

const wait = { maxWaitTimeInMs: 3000 };

/** For what is known not to come. */
const shortWait = { maxWaitTimeInMs: 300 };

function bodies(count: number): readonly { readonly body: number }[] {
  return Array.from({ length: count }, (_, body) => ({ body }));
}

it("freezes: takes connections, answers nothing, and does afterwards what was asked meanwhile", async () => {
  await using faulty = await startFaultyBroker();
  const sender = faulty.client.createSender("q");
  await sender.sendMessages({ body: "before" });
  await faulty.ask("PUT", "/faults/freeze");
  const events: string[] = [];
  const note = (event: string) => (): void => void events.push(event);
  const sent = sender.sendMessages({ body: "old connection" }).then(note("sent"));
  await using others = connectClients(faulty.broker);
  const sentByNew = others.client.createSender("q").sendMessages({ body: "new one" });
  const listed = faulty.admin.queueExists("q").then(note("listed"));
  await expect.poll(() => faulty.broker.describe().connections).toBe(2);
  expect(await (await fetch(`${faulty.broker.adminUrl}/health`)).json()).toEqual({ status: "ok" });
  expect(events).toEqual([]);
  await faulty.ask("DELETE", "/faults/freeze");
  await Promise.all([sent, listed, sentByNew]);
  expect(faulty.broker.describe().queues[0]?.messages.available).toBe(3);
});

it("freezes for longer than the SDK waits: the send fails, and the next one after the end succeeds", async () => {
  await using faulty = await startFaultyBroker();
  await using clients = connectClients(faulty.broker, {
    retryOptions: { maxRetries: 0, timeoutInMs: 1000 },
  });
  const sender = clients.client.createSender("q");
  await sender.sendMessages({ body: 1 });
  faulty.broker.faults.start("freeze", {});
  await expect(sender.sendMessages({ body: 2 })).rejects.toMatchObject({ code: "ServiceTimeout" });
  faulty.broker.faults.stop("freeze");
  await sender.sendMessages({ body: 3 });
});

it.each([
  { name: "drop-connections", options: {} },
  { name: "detach-links", options: { entity: "q" } },
])("$name: a subscriber hears of it, comes back and goes on", async ({ name, options }) => {
  await using faulty = await startFaultyBroker();
  const client = new ServiceBusClient(faulty.broker.connectionString, {
    retryOptions: { retryDelayInMs: 50 },
  });
  const received: unknown[] = [];
  client.createReceiver("q").subscribe({
    processMessage: async ({ body }) => void received.push(body),
    processError: async () => undefined,
  });
  await expect.poll(() => faulty.broker.describe().queues[0]?.links).toBe(1);
  const struck = await faulty.ask("PUT", `/faults/${name}`, { body: options });
  expect(await struck.json()).toEqual({ name, isOn: false, affected: 1 });
  await faulty.client.createSender("q").sendMessages({ body: 1 });
  await expect.poll(() => received, { timeout: 10_000 }).toEqual([1]);
  await client.close();
});

it("drops new connections, too, for as long as it lasts", async () => {
  await using faulty = await startFaultyBroker();
  faulty.broker.faults.start("drop-connections", { durationInMs: 600_000 });
  await expect(faulty.client.createSender("q").sendMessages({ body: 1 })).rejects.toBeInstanceOf(
    Error,
  );
  expect(faulty.broker.describe().connections).toBe(0);
  expect((await faulty.ask("DELETE", "/faults/drop-connections")).status).toBe(200);
  await using clients = connectClients(faulty.broker);
  await clients.client.createSender("q").sendMessages({ body: 1 });
});

it("delays deliveries by the time that was asked for, and delivers at once when it ends", async () => {
  await using faulty = await startFaultyBroker();
  faulty.broker.faults.start("delay-deliveries", { delayInMs: 1000 });
  const sender = faulty.client.createSender("q");
  const receiver = faulty.client.createReceiver("q", { receiveMode: "receiveAndDelete" });
  await sender.sendMessages({ body: 1 });
  const [first] = await receiver.receiveMessages(1, wait);
  expect(Date.now() - (first?.enqueuedTimeUtc?.getTime() ?? 0)).toBeGreaterThanOrEqual(1000);
  faulty.broker.faults.start("delay-deliveries", { delayInMs: 600_000 });
  await sender.sendMessages({ body: 2 });
  expect(await receiver.receiveMessages(1, shortWait)).toEqual([]);
  const received = receiver.receiveMessages(1, wait);
  await faulty.ask("DELETE", "/faults/delay-deliveries");
  expect((await received).map(({ body }) => body)).toEqual([2]);
});

it("duplicates deliveries: the same message twice under two locks, until it ends", async () => {
  await using faulty = await startFaultyBroker();
  await faulty.ask("PUT", "/faults/duplicate-deliveries");
  const sender = faulty.client.createSender("q");
  const receiver = faulty.client.createReceiver("q");
  await sender.sendMessages({ body: 1, messageId: "one" });
  const received = [
    ...(await receiver.receiveMessages(1, wait)),
    ...(await receiver.receiveMessages(1, wait)),
  ];
  expect(received.map(({ messageId }) => messageId)).toEqual(["one", "one"]);
  expect(new Set(received.map(({ sequenceNumber }) => String(sequenceNumber))).size).toBe(1);
  expect(new Set(received.map(({ lockToken }) => lockToken)).size).toBe(2);
  for (const message of received) {
    await receiver.completeMessage(message);
  }
  await faulty.ask("DELETE", "/faults/duplicate-deliveries");
  await sender.sendMessages({ body: 2 });
  const [only] = await receiver.receiveMessages(1, wait);
  expect(only?.body).toBe(2);
  expect(faulty.broker.describe().queues[0]?.messages).toMatchObject({ available: 0, locked: 1 });
});

it("reorders deliveries: what gathered comes newest first, until it ends", async () => {
  await using faulty = await startFaultyBroker();
  await faulty.ask("PUT", "/faults/reorder-deliveries", { body: { windowInMs: 300 } });
  const sender = faulty.client.createSender("q");
  const receiver = faulty.client.createReceiver("q", { receiveMode: "receiveAndDelete" });
  await sender.sendMessages([...bodies(4)]);
  const reordered = await receiver.receiveMessages(4, wait);
  expect(reordered.map(({ body }) => body)).toEqual([3, 2, 1, 0]);
  await faulty.ask("DELETE", "/faults/reorder-deliveries");
  await sender.sendMessages([...bodies(4)]);
  const inOrder = await receiver.receiveMessages(4, wait);
  expect(inOrder.map(({ body }) => body)).toEqual([0, 1, 2, 3]);
});

it("throttles by credits: sends and the admin client hear that the server is busy, until it ends", async () => {
  await using faulty = await startFaultyBroker();
  const sender = faulty.client.createSender("q");
  await sender.sendMessages({ body: 0 });
  await faulty.ask("PUT", "/faults/throttle", { body: { creditsPerSecond: 5 } });
  const results = await Promise.allSettled(
    bodies(50).map(async (message) => {
      await sender.sendMessages(message);
    }),
  );
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused[0]?.reason).toMatchObject({ code: "ServiceBusy" });
  // 50 sends within two seconds at the most: 5 credits in each.
  expect(results.length - refused.length).toBeGreaterThanOrEqual(5);
  expect(results.length - refused.length).toBeLessThanOrEqual(25);
  await faulty.ask("PUT", "/faults/throttle", { body: { creditsPerSecond: 1 } });
  const admin = allowEmulator(
    new ServiceBusAdministrationClient(faulty.broker.connectionString, {
      retryOptions: { maxRetries: 0 },
    }),
  );
  // The first one is done with the last credit, and nothing is left for the second.
  const answers = await Promise.allSettled([admin.getQueue("q"), admin.getQueue("q")]);
  const outcomes = answers.map((result) =>
    result.status === "rejected" ? result.reason : result.value.name,
  );
  expect(outcomes).toContainEqual("q");
  expect(outcomes).toContainEqual(
    expect.objectContaining({ code: "ServerBusyError", statusCode: 503 }),
  );
  await faulty.ask("DELETE", "/faults/throttle");
  await Promise.all(bodies(50).map(async (message) => await sender.sendMessages(message)));
});

it("throttles deliveries: they wait for the credits of the next second, and none is lost", async () => {
  await using faulty = await startFaultyBroker();
  await faulty.client.createSender("q").sendMessages([...bodies(12)]);
  faulty.broker.faults.start("throttle", { creditsPerSecond: 4 });
  const received: unknown[] = [];
  const at: number[] = [];
  faulty.client.createReceiver("q", { receiveMode: "receiveAndDelete" }).subscribe(
    {
      processMessage: async ({ body }) => {
        received.push(body);
        at.push(performance.now());
      },
      processError: async () => undefined,
    },
    { maxConcurrentCalls: 12 },
  );
  await expect.poll(() => received, { timeout: 10_000 }).toHaveLength(12);
  expect(received).toEqual(bodies(12).map(({ body }) => body));
  expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(900);
});

it("detaches as many links as were asked for", async () => {
  await using faulty = await startFaultyBroker();
  await faulty.client.createSender("q").sendMessages({ body: 1 });
  await using others = connectClients(faulty.broker);
  await others.client.createSender("q").sendMessages({ body: 1 });
  expect(faulty.broker.faults.start("detach-links", { entity: "q", count: 1 })).toMatchObject({
    affected: 1,
  });
  expect(faulty.broker.describe().queues[0]?.links).toBe(1);
});

it("expires locks: settling comes too late, and the message comes again", async () => {
  await using faulty = await startFaultyBroker();
  await faulty.client.createSender("q").sendMessages({ body: 1 });
  const receiver = faulty.client.createReceiver("q");
  const [message] = await receiver.receiveMessages(1, wait);
  if (message === undefined) {
    throw new Error("no message came");
  }
  const expired = await faulty.ask("PUT", "/faults/expire-locks", { body: { entity: "q" } });
  expect(await expired.json()).toEqual({ name: "expire-locks", isOn: false, affected: 1 });
  await expect(receiver.completeMessage(message)).rejects.toMatchObject({
    code: "MessageLockLost",
  });
  const [again] = await receiver.receiveMessages(1, wait);
  expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
});

it("expires locks of sessions: the receiver hears that it lost the session", async () => {
  await using faulty = await startFaultyBroker({
    entities: { queues: [{ name: "s", requiresSession: true }] },
  });
  await faulty.client.createSender("s").sendMessages({ body: 1, sessionId: "a" });
  const receiver = await faulty.client.acceptSession("s", "a");
  expect(faulty.broker.faults.start("expire-locks", {})).toMatchObject({ affected: 1 });
  await expect(receiver.renewSessionLock()).rejects.toMatchObject({ code: "SessionLockLost" });
  const next = await faulty.client.acceptSession("s", "a");
  expect(await next.receiveMessages(1, wait)).toMatchObject([{ body: 1 }]);
});

it.each([
  { loses: "request", locked: 1 },
  { loses: "answer", locked: 0 },
] as const)(
  "loses the $loses of a settlement: the client waits in vain, and $locked message is still locked",
  async ({ loses, locked }) => {
    await using faulty = await startFaultyBroker();
    await using clients = connectClients(faulty.broker, {
      retryOptions: { maxRetries: 0, timeoutInMs: 1000 },
    });
    await faulty.client.createSender("q").sendMessages([...bodies(2)]);
    const receiver = clients.client.createReceiver("q");
    const [first, second] = await receiver.receiveMessages(2, wait);
    if (first === undefined || second === undefined) {
      throw new Error("no messages came");
    }
    await faulty.ask("PUT", "/faults/lose-settlements", { body: { loses, count: 1 } });
    await expect(receiver.completeMessage(first)).rejects.toMatchObject({ code: "ServiceTimeout" });
    await receiver.completeMessage(second);
    expect(faulty.broker.describe().queues[0]?.messages).toMatchObject({ available: 0, locked });
  },
);

it("loses the receipt for a message: its sender waits in vain, the message is there, the next one is as usual", async () => {
  await using faulty = await startFaultyBroker();
  await using clients = connectClients(faulty.broker, {
    retryOptions: { maxRetries: 0, timeoutInMs: 1000 },
  });
  await faulty.ask("PUT", "/faults/lose-settlements", { body: { loses: "receipt", count: 1 } });
  const sender = clients.client.createSender("q");
  await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({ code: "ServiceTimeout" });
  await sender.sendMessages({ body: 2 });
  expect(await faulty.client.createReceiver("q").receiveMessages(2, wait)).toMatchObject([
    { body: 1 },
    { body: 2 },
  ]);
});

it("deletes an entity under its receiver, which hears that it is not found", async () => {
  await using faulty = await startFaultyBroker({
    entities: { topics: [{ name: "t", subscriptions: [{ name: "s" }] }] },
  });
  const errors: unknown[] = [];
  faulty.client.createReceiver("t", "s").subscribe({
    processMessage: async () => undefined,
    processError: async ({ error }) => void errors.push(error),
  });
  await expect.poll(() => faulty.broker.describe().topics[0]?.subscriptions[0]?.links).toBe(1);
  const body = { entity: "t/Subscriptions/s" };
  const deleted = await faulty.ask("PUT", "/faults/delete-entity", { body });
  expect(await deleted.json()).toEqual({ name: "delete-entity", isOn: false, affected: 1 });
  await expect
    .poll(() => errors, { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ code: "MessagingEntityNotFound" }));
  expect(await faulty.admin.subscriptionExists("t", "s")).toBe(false);
});

it("ends every fault when the broker stops", async () => {
  await using faulty = await startFaultyBroker();
  faulty.broker.faults.start("freeze", {});
  faulty.broker.faults.start("throttle", {});
  await faulty.broker.stop();
  expect(faulty.broker.faults.active).toEqual([]);
});
