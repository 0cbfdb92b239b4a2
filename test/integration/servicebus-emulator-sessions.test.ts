import { connect, createServer, type Socket } from "node:net";

import { type RunningBroker, startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

const wait = { maxWaitTimeInMs: 4000 };

function startWithSessions(lockDuration = "PT15S"): Promise<RunningBroker> {
  return startBroker({
    entities: { queues: [{ name: "locks", requiresSession: true, lockDuration }] },
  });
}

it("gives a session to one receiver, and its state to the next", async () => {
  await using broker = await startWithSessions();
  await using clients = connectClients(broker);
  const { client } = clients;
  const first = await client.acceptSession("locks", "redis-reset");
  await expect(client.acceptSession("locks", "redis-reset")).rejects.toMatchObject({
    code: "SessionCannotBeLocked",
  });
  expect(await first.getSessionState()).toBeNull();
  await first.setSessionState({ epoch: 7 });
  await first.close();
  const second = await client.acceptSession("locks", "redis-reset");
  expect(await second.getSessionState()).toEqual({ epoch: 7 });
});

it("grants a session to exactly one of twenty clients that ask at once", async () => {
  await using broker = await startWithSessions();
  const contenders = Array.from({ length: 20 }, () => connectClients(broker));
  const outcomes = await Promise.allSettled(
    contenders.map(({ client }) => client.acceptSession("locks", "one")),
  );
  const granted = outcomes.filter(({ status }) => status === "fulfilled");
  expect(granted).toHaveLength(1);
  await Promise.all(contenders.map((clients) => clients[Symbol.asyncDispose]()));
});

it("delivers the messages of a session in order, and only to its holder", async () => {
  await using broker = await startWithSessions();
  await using clients = connectClients(broker);
  const { client } = clients;
  const sender = client.createSender("locks");
  await sender.sendMessages([
    { body: 1, sessionId: "a" },
    { body: 10, sessionId: "b" },
    { body: 2, sessionId: "a" },
  ]);
  await expect(sender.sendMessages({ body: 3 })).rejects.toThrow("SessionId was not set");
  const a = await client.acceptSession("locks", "a");
  const received = await a.receiveMessages(3, { maxWaitTimeInMs: 500 });
  expect(received.map(({ body }: { body: unknown }) => body)).toEqual([1, 2]);
  expect(received[0]?.sessionId).toBe("a");
  for (const message of received) {
    await a.completeMessage(message);
  }
  const next = await client.acceptNextSession("locks");
  expect(next.sessionId).toBe("b");
  expect((await next.receiveMessages(1, wait))[0]?.body).toBe(10);
});

it("holds back whoever waits for the next session until one is free", async () => {
  await using broker = await startWithSessions();
  await using clients = connectClients(broker);
  const { client } = clients;
  const sender = client.createSender("locks");
  const waiting = client.acceptNextSession("locks");
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(1);
  await sender.sendMessages({ body: 1, sessionId: "late" });
  const holder = await waiting;
  expect(holder.sessionId).toBe("late");
  const heir = client.acceptNextSession("locks");
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(3);
  await holder.close();
  expect((await heir).sessionId).toBe("late");
  expect((await (await heir).receiveMessages(1, wait))[0]).toMatchObject({
    body: 1,
    deliveryCount: 0,
  });
});

it("tells whoever waits in vain that no session became available", async () => {
  await using broker = await startWithSessions();
  await using clients = connectClients(broker, {
    retryOptions: { maxRetries: 0, timeoutInMs: 1000 },
  });
  const started = Date.now();
  await expect(clients.client.acceptNextSession("locks")).rejects.toMatchObject({
    code: "ServiceTimeout",
  });
  expect(Date.now() - started).toBeLessThan(3000);
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(0);
});

it("passes a session on when its holder does not renew the lock, and tells the holder", async () => {
  await using broker = await startWithSessions("PT1S");
  await using clients = connectClients(broker);
  const { client } = clients;
  await client.createSender("locks").sendMessages({ body: 1, sessionId: "s" });
  const first = await client.acceptSession("locks", "s", { maxAutoLockRenewalDurationInMs: 0 });
  const [message] = await first.receiveMessages(1, wait);
  expect(message?.deliveryCount).toBe(0);
  const second = await client.acceptNextSession("locks");
  expect(second.sessionId).toBe("s");
  await expect(first.setSessionState("mine")).rejects.toMatchObject({ code: "SessionLockLost" });
  await expect(first.renewSessionLock()).rejects.toMatchObject({ code: "SessionLockLost" });
  const [again] = await second.receiveMessages(1, wait);
  expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
});

it("keeps a session for as long as its lock is renewed", async () => {
  await using broker = await startWithSessions("PT1S");
  await using clients = connectClients(broker);
  const { client } = clients;
  const holder = await client.acceptSession("locks", "s", { maxAutoLockRenewalDurationInMs: 0 });
  const until = Date.now() + 2500;
  while (Date.now() < until) {
    const lockedUntil = await holder.renewSessionLock();
    expect(lockedUntil.getTime()).toBeGreaterThan(Date.now() + 800);
    await expect(client.acceptSession("locks", "s")).rejects.toMatchObject({
      code: "SessionCannotBeLocked",
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await holder.setSessionState("still mine");
});

it("frees the sessions of a client whose connection breaks, at once", async () => {
  await using broker = await startWithSessions();
  await using clients = connectClients(broker);
  const wires: Socket[] = [];
  const proxy = createServer((wire) => {
    wires.push(wire, wire.pipe(connect(broker.port, "127.0.0.1")));
    wires.at(-1)?.pipe(wire);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  const address = proxy.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { connectionString } = broker;
  await using doomed = connectClients({
    connectionString: connectionString.replace(`:${broker.port}`, `:${String(port)}`),
  });
  await doomed.client.acceptSession("locks", "s");
  const broken = Date.now();
  for (const wire of wires) {
    wire.destroy();
  }
  proxy.close();
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(0);
  expect((await clients.client.acceptSession("locks", "s")).sessionId).toBe("s");
  expect(Date.now() - broken).toBeLessThan(1000);
});

it("keeps sessions out where there are none, and insists on them where there are", async () => {
  await using broker = await startBroker({
    entities: { queues: [{ name: "locks", requiresSession: true }, { name: "plain" }] },
  });
  await using clients = connectClients(broker);
  const { client } = clients;
  await expect(client.acceptSession("plain", "s")).rejects.toMatchObject({
    code: "SessionCannotBeLocked",
  });
  await expect(client.createReceiver("locks").receiveMessages(1, wait)).rejects.toMatchObject({
    message: expect.stringContaining("requires sessions"),
  });
});
