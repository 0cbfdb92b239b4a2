import { setTimeout as pause } from "node:timers/promises";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { describe, expect, it } from "vitest";
import { IS_FULL_SIZE } from "../support/fuzz/fuzz-seed.ts";
import { only } from "../support/only.ts";
import { connectClients } from "../support/service-bus-clients.ts";
import { waitFor } from "../support/wait-for.ts";

const WAIT = { maxWaitTimeInMs: 3_000 };
/** How long messages and sessions are worked on, under locks of two seconds. */
const WORK_IN_MS = IS_FULL_SIZE ? 240_000 : 6_000;
const RENEWING = { maxAutoLockRenewalDurationInMs: 2 * WORK_IN_MS };
const TEST_TIMEOUT_IN_MS = WORK_IN_MS + 60_000;

// Most of the time of these passes while nothing happens, so it passes for all of them at once.
describe.concurrent("what the client does by itself for minutes", () => {
  it(
    "renews the locks of messages that a subscriber works on, until it is done",
    async () => {
      await using broker = await startBroker({
        entities: { queues: [{ name: "q", lockDuration: "PT2S", maxDeliveryCount: 1 }] },
      });
      await using clients = connectClients(broker);
      await using rivals = connectClients(broker);
      const worked: unknown[] = [];
      const errors: unknown[] = [];
      clients.client.createReceiver("q", RENEWING).subscribe(
        {
          processMessage: async ({ body, deliveryCount }) => {
            await pause(WORK_IN_MS);
            worked.push([body, deliveryCount]);
          },
          processError: async ({ error }) => {
            errors.push(error);
          },
        },
        { maxConcurrentCalls: 2 },
      );
      await clients.client.createSender("q").sendMessages([{ body: "one" }, { body: "two" }]);
      await waitFor(() => broker.describe().queues[0]?.messages.locked === 2, {
        what: "both messages in work",
        timeoutInMs: 5_000,
      });
      const stolen = await rivals.client
        .createReceiver("q")
        .receiveMessages(1, { maxWaitTimeInMs: WORK_IN_MS - 2_000 });
      expect(stolen).toEqual([]);
      await waitFor(() => worked.length === 2, { what: "both", timeoutInMs: WORK_IN_MS });
      await waitFor(() => broker.describe().queues[0]?.messages.locked === 0, {
        what: "both messages settled",
        timeoutInMs: 10_000,
      });
      const none = { available: 0, locked: 0, deferred: 0, scheduled: 0, deadLettered: 0 };
      expect(broker.describe().queues[0]?.messages).toEqual(none);
      expect(worked).toEqual([
        ["one", 0],
        ["two", 0],
      ]);
      expect(errors).toEqual([]);
    },
    TEST_TIMEOUT_IN_MS,
  );

  it(
    "renews the lock of a session that it holds, until it lets go",
    async () => {
      await using broker = await startBroker({
        entities: { queues: [{ name: "q", lockDuration: "PT2S", requiresSession: true }] },
      });
      await using clients = connectClients(broker);
      await using rivals = connectClients(broker);
      await clients.client.createSender("q").sendMessages({ body: 1, sessionId: "s" });
      const holder = await clients.client.acceptSession("q", "s", RENEWING);
      const message = only(await holder.receiveMessages(1, WAIT));
      const acquiredAt = holder.sessionLockedUntilUtc;
      await pause(WORK_IN_MS);
      await expect(rivals.client.acceptSession("q", "s")).rejects.toMatchObject({
        code: "SessionCannotBeLocked",
      });
      await holder.completeMessage(message);
      await holder.setSessionState("done");
      expect(holder.sessionLockedUntilUtc.getTime()).toBeGreaterThan(acquiredAt.getTime());
      await holder.close();
      const next = await rivals.client.acceptSession("q", "s");
      expect(await next.getSessionState()).toBe("done");
    },
    TEST_TIMEOUT_IN_MS,
  );

  it("sends a message again under the same id once the window is over", async () => {
    await using broker = await startBroker({
      entities: {
        queues: [
          {
            name: "q",
            requiresDuplicateDetection: true,
            duplicateDetectionHistoryTimeWindow: "PT5S",
          },
        ],
      },
    });
    await using clients = connectClients(broker);
    const sender = clients.client.createSender("q");
    const receiver = clients.client.createReceiver("q", { receiveMode: "receiveAndDelete" });
    await sender.sendMessages({ body: "first", messageId: "a" });
    expect(only(await receiver.receiveMessages(1, WAIT)).body).toBe("first");
    // What is dropped does not begin the window anew; whatever arrives first has been let through.
    const received: unknown[] = [];
    const startedAtInMs = performance.now();
    while (received.length === 0) {
      await sender.sendMessages({ body: "again", messageId: "a" });
      const messages = await receiver.receiveMessages(1, { maxWaitTimeInMs: 500 });
      received.push(...messages.map(({ body }) => body));
      expect(performance.now() - startedAtInMs).toBeLessThan(20_000);
    }
    expect(received).toEqual(["again"]);
    expect(performance.now() - startedAtInMs).toBeGreaterThan(3_000);
  });

  it("delivers what was scheduled when its time has come, and not before", async () => {
    await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
    await using clients = connectClients(broker);
    const sender = clients.client.createSender("q");
    const dueAt = Date.now() + 4_000;
    await sender.scheduleMessages([{ body: "one" }, { body: "two" }], new Date(dueAt));
    const messages = await clients.client
      .createReceiver("q")
      .receiveMessages(2, { maxWaitTimeInMs: 20_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
    expect(messages[0]).toMatchObject({ body: "one", state: "active" });
    expect(messages[0]?.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(dueAt);
  });
});

it("gives a subscriber as many messages at once as it asks for, and no more", async () => {
  await using broker = await startBroker({ entities: { queues: [{ name: "q" }] } });
  await using clients = connectClients(broker);
  await clients.client
    .createSender("q")
    .sendMessages(Array.from({ length: 20 }, (_value, body) => ({ body })));
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let busy = 0;
  let most = 0;
  let done = 0;
  clients.client.createReceiver("q").subscribe(
    {
      processMessage: async () => {
        busy += 1;
        most = Math.max(most, busy);
        await gate;
        busy -= 1;
        done += 1;
      },
      processError: async ({ error }) => {
        throw error;
      },
    },
    { maxConcurrentCalls: 4 },
  );
  await expect.poll(() => busy).toBe(4);
  expect(broker.describe().queues[0]?.messages).toMatchObject({ available: 16, locked: 4 });
  open();
  await expect.poll(() => done, { timeout: 5_000 }).toBe(20);
  expect(most).toBe(4);
  await expect
    .poll(() => broker.describe().queues[0]?.messages)
    .toMatchObject({ available: 0, locked: 0, deadLettered: 0 });
});

it("filters by each kind of filter that the administration client can make", async () => {
  await using broker = await startBroker();
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createTopic("t");
  const filters = {
    all: { sqlExpression: "1=1" },
    none: { sqlExpression: "1=0" },
    subject: { subject: "red" },
    property: { applicationProperties: { size: 2 } },
    both: { subject: "red", applicationProperties: { size: 1 } },
    sql: { sqlExpression: "size > 1 AND sys.Label LIKE 'b%'" },
    parameters: { sqlExpression: "size >= @least", sqlParameters: { "@least": 2 } },
  };
  for (const [name, filter] of Object.entries(filters)) {
    await admin.createSubscription("t", name, { defaultRuleOptions: { name, filter } });
  }
  await admin.createSubscription("t", "default");
  const sent = ["red", "blue"].flatMap((subject) =>
    [1, 2].map((size) => ({
      body: `${subject}-${size}`,
      subject,
      applicationProperties: { size },
    })),
  );
  await client.createSender("t").sendMessages(sent);
  const received = new Map<string, unknown[]>();
  for (const { name, messages } of broker.describe().topics[0]?.subscriptions ?? []) {
    const receiver = client.createReceiver("t", name, { receiveMode: "receiveAndDelete" });
    const copies =
      messages.available === 0 ? [] : await receiver.receiveMessages(messages.available, WAIT);
    received.set(
      name,
      copies.map(({ body }: { body: unknown }) => body),
    );
  }
  const everything = ["red-1", "red-2", "blue-1", "blue-2"];
  expect(Object.fromEntries(received)).toEqual({
    all: everything,
    default: everything,
    none: [],
    subject: ["red-1", "red-2"],
    property: ["red-2", "blue-2"],
    both: ["red-1"],
    sql: ["blue-2"],
    parameters: ["red-2", "blue-2"],
  });
});

it("lists more than three hundred topics and rules, page by page", async () => {
  const names = Array.from({ length: 320 }, (_value, index) => `n${index}`);
  await using broker = await startBroker({
    entities: {
      topics: names.map((name) => ({
        name,
        ...(name === "n0"
          ? {
              subscriptions: [
                { name: "s", rules: names.map((rule) => ({ name: rule, filter: true })) },
              ],
            }
          : {}),
      })),
    },
  });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const [topics, runtime, rules, overAmqp]: string[][] = [[], [], [], []];
  for await (const { name } of admin.listTopics()) {
    topics?.push(name);
  }
  for await (const { name } of admin.listTopicsRuntimeProperties()) {
    runtime?.push(name);
  }
  for await (const { name } of admin.listRules("n0", "s")) {
    rules?.push(name);
  }
  for await (const { name } of client.createRuleManager("n0", "s").listRules()) {
    overAmqp?.push(name);
  }
  expect([topics, runtime, rules, overAmqp]).toEqual([names, names, names, names]);
});
