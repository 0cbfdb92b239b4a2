import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import {
  type BrokerOptions,
  type RunningBroker,
  startBroker,
} from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { only } from "../support/only.ts";
import { numberOf } from "../support/sequence-number.ts";
import { connectClients, type ServiceBusClients } from "../support/service-bus-clients.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const wait = { maxWaitTimeInMs: 2000 };
const anHour = 3_600_000;

/** A broker with clients, on a directory. */
async function openAt(
  data: string,
  entities: BrokerOptions["entities"] = {},
): Promise<ServiceBusClients & { readonly broker: RunningBroker }> {
  const broker = await startBroker({ data, entities });
  const clients = connectClients(broker);
  return {
    broker,
    client: clients.client,
    admin: clients.admin,
    [Symbol.asyncDispose]: async () => {
      await clients[Symbol.asyncDispose]();
      await broker.stop();
    },
  };
}

async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  return only(await receiver.receiveMessages(1, wait));
}

async function listed<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

it("brings entities, rules and their properties back as they were", async () => {
  await using folder = await temporaryFolder();
  const describe = async ({ admin }: ServiceBusClients): Promise<unknown> => {
    const [queues, topics, subscriptions, rules] = await Promise.all([
      listed(admin.listQueues()),
      listed(admin.listTopics()),
      listed(admin.listSubscriptions("news")),
      listed(admin.listRules("news", "red")),
    ]);
    const { createdAt, modifiedAt } = await admin.getQueueRuntimeProperties("orders");
    return JSON.parse(
      JSON.stringify([queues, topics, subscriptions, rules, createdAt, modifiedAt]),
    );
  };
  let before: unknown;
  {
    await using first = await openAt(folder.path);
    const { admin } = first;
    await admin.createQueue("letters");
    // It forwards to an entity that is younger than itself.
    await admin.createQueue("orders", { lockDuration: "PT30S", userMetadata: "ä" });
    await admin.createQueue("younger", { requiresSession: true });
    const orders = await admin.getQueue("orders");
    await admin.updateQueue({
      ...orders,
      status: "SendDisabled",
      forwardDeadLetteredMessagesTo: "younger",
    });
    await admin.createTopic("news", { requiresDuplicateDetection: true });
    await admin.createTopic("gone");
    await admin.createSubscription("gone", "all");
    await admin.deleteTopic("gone");
    await admin.createSubscription("news", "red", { maxDeliveryCount: 4 });
    await admin.createRule(
      "news",
      "red",
      "sql",
      { sqlExpression: "n > 5 AND colour = @c", sqlParameters: { "@c": "red" } },
      { sqlExpression: "SET seen = 1" },
    );
    await admin.createRule("news", "red", "correlation", {
      subject: "s",
      applicationProperties: { at: new Date(anHour), n: 1.5 },
    });
    await admin.deleteRule("news", "red", "$Default");
    before = await describe(first);
  }
  await using second = await openAt(folder.path);
  expect(await describe(second)).toEqual(before);
});

it("brings messages back where they were, with their numbers, times, counts and properties", async () => {
  await using folder = await temporaryFolder();
  const enqueuedAt: (Date | undefined)[] = [];
  {
    await using first = await openAt(folder.path, { queues: [{ name: "q" }] });
    const sender = first.client.createSender("q");
    const ids = ["active", "abandoned", "completed", "deferred", "dead", "locked", "taken"];
    await sender.sendMessages(ids.map((messageId) => ({ messageId, body: { of: messageId } })));
    const receiver = first.client.createReceiver("q");
    const byId = new Map(
      (await receiver.receiveMessages(7, wait)).map((message) => [message.messageId, message]),
    );
    const of = (id: string) => only([...byId.values()].filter(({ messageId }) => messageId === id));
    await receiver.completeMessage(of("completed"));
    await receiver.deferMessage(of("deferred"), { why: "later" });
    await receiver.deadLetterMessage(of("dead"), {
      deadLetterReason: "bad",
      deadLetterErrorDescription: "very",
    });
    await receiver.abandonMessage(of("taken"));
    await receiver.completeMessage(await receiveOne(receiver));
    await receiver.abandonMessage(of("abandoned"), { tried: 1 });
    enqueuedAt.push(of("active").enqueuedTimeUtc);
  }
  await using second = await openAt(folder.path, { queues: [{ name: "q" }] });
  const receiver = second.client.createReceiver("q");
  const seen = (await receiver.peekMessages(10)).map(
    ({ messageId, sequenceNumber, state, deliveryCount, applicationProperties }) =>
      [messageId, sequenceNumber?.toNumber(), state, deliveryCount, applicationProperties] as const,
  );
  expect(seen).toEqual([
    // Both were locked when the broker ended: a delivery without success.
    ["active", 1, "active", 1, undefined],
    ["abandoned", 2, "active", 1, { tried: 1 }],
    ["deferred", 4, "deferred", 0, { why: "later" }],
    ["locked", 6, "active", 1, undefined],
  ]);
  const received = await receiveOne(receiver);
  expect([received.body, received.enqueuedTimeUtc]).toEqual([{ of: "active" }, enqueuedAt[0]]);
  const letter = await receiveOne(
    second.client.createReceiver("q", { subQueueType: "deadLetter" }),
  );
  expect([
    letter.messageId,
    letter.deadLetterReason,
    letter.deadLetterErrorDescription,
    letter.deadLetterSource,
    letter.sequenceNumber?.toNumber(),
  ]).toEqual(["dead", "bad", "very", "q", 5]);
  const deferred = only(
    (await receiver.peekMessages(10, { fromSequenceNumber: numberOf(received) })).filter(
      ({ state }) => state === "deferred",
    ),
  );
  await receiver.completeMessage(
    only(await receiver.receiveDeferredMessages([numberOf(deferred)])),
  );
  await second.client.createSender("q").sendMessages({ messageId: "new", body: "" });
  const [last] = (await receiver.peekMessages(10)).slice(-1);
  expect([last?.messageId, last?.sequenceNumber?.toNumber()]).toEqual(["new", 8]);
});

it("dead-letters what was locked for the last time that it may be delivered", async () => {
  await using folder = await temporaryFolder();
  const entities = { queues: [{ name: "q", maxDeliveryCount: 1 }] };
  {
    await using first = await openAt(folder.path, entities);
    await first.client.createSender("q").sendMessages({ messageId: "poison", body: "x" });
    await receiveOne(first.client.createReceiver("q"));
  }
  await using second = await openAt(folder.path, entities);
  expect(await second.client.createReceiver("q").peekMessages(1)).toEqual([]);
  const letter = await receiveOne(
    second.client.createReceiver("q", { subQueueType: "deadLetter" }),
  );
  expect([letter.messageId, letter.deadLetterReason]).toEqual([
    "poison",
    "MaxDeliveryCountExceeded",
  ]);
});

it("brings scheduled messages back under their numbers, and sends those whose time came meanwhile", async () => {
  await using folder = await temporaryFolder();
  const entities = {
    queues: [{ name: "q" }],
    topics: [{ name: "t", subscriptions: [{ name: "s" }] }],
  };
  const numbers: Awaited<
    ReturnType<ReturnType<ServiceBusClients["client"]["createSender"]>["scheduleMessages"]>
  > = [];
  {
    await using first = await openAt(folder.path, entities);
    const sender = first.client.createSender("q");
    const later = new Date(Date.now() + anHour);
    numbers.push(
      ...(await sender.scheduleMessages(
        [
          { messageId: "stays", body: 1 },
          { messageId: "cancelled", body: 2 },
        ],
        later,
      )),
    );
    await sender.cancelScheduledMessages(numbers.slice(1));
    await first.client
      .createSender("t")
      .scheduleMessages({ messageId: "due", body: 3 }, new Date(Date.now() + 500));
  }
  await using second = await openAt(folder.path, entities);
  const due = await receiveOne(second.client.createReceiver("t", "s"));
  expect([due.messageId, due.sequenceNumber?.toNumber()]).toEqual(["due", 2]);
  const scheduled = await second.client.createReceiver("q").peekMessages(5);
  expect(scheduled.map(({ messageId, state }) => [messageId, state])).toEqual([
    ["stays", "scheduled"],
  ]);
  await second.client.createSender("q").cancelScheduledMessages(numbers.slice(0, 1));
  expect(await second.client.createReceiver("q").peekMessages(5)).toEqual([]);
});

it("keeps states of sessions and ids that were used, and no lock on a session", async () => {
  await using folder = await temporaryFolder();
  const entities = {
    queues: [{ name: "q", requiresSession: true, requiresDuplicateDetection: true }],
  };
  const message = { messageId: "once", sessionId: "s", body: "x" };
  {
    await using first = await openAt(folder.path, entities);
    await first.client.createSender("q").sendMessages(message);
    const session = await first.client.acceptSession("q", "s");
    await session.setSessionState({ at: 7 });
    expect(await session.receiveMessages(1, wait)).toHaveLength(1);
    const other = await first.client.acceptSession("q", "other");
    await other.setSessionState("short");
    await other.setSessionState(null);
  }
  await using second = await openAt(folder.path, entities);
  await second.client.createSender("q").sendMessages(message);
  const session = await second.client.acceptSession("q", "s");
  expect(await session.getSessionState()).toEqual({ at: 7 });
  const received = only(await session.receiveMessages(5, wait));
  expect([received.messageId, received.deliveryCount]).toEqual(["once", 0]);
  const other = await second.client.acceptSession("q", "other");
  expect(await other.getSessionState()).toBeNull();
});

it("goes on with the numbers of entities that hold nothing any more, also where messages only pass through", async () => {
  await using folder = await temporaryFolder();
  const entities = {
    queues: [{ name: "target" }, { name: "passing", forwardTo: "target" }],
    topics: [{ name: "t", subscriptions: [{ name: "s" }] }],
  };
  for (const expected of [1, 2, 3]) {
    await using opened = await openAt(folder.path, entities);
    const { client } = opened;
    await client.createSender("passing").sendMessages({ body: "x" });
    await client.createSender("t").sendMessages({ body: "x" });
    // A receiver uses its options up: the second one would get its messages under locks.
    const options = () => ({ receiveMode: "receiveAndDelete" }) as const;
    const forwarded = await receiveOne(client.createReceiver("target", options()));
    const copy = await receiveOne(client.createReceiver("t", "s", options()));
    const numbers = [
      forwarded.sequenceNumber,
      forwarded.enqueuedSequenceNumber,
      copy.sequenceNumber,
    ];
    expect(numbers.map(Number)).toEqual([expected, expected, expected]);
  }
});

it("creates what is configured and not there, and leaves what is there as it is", async () => {
  await using folder = await temporaryFolder();
  {
    await using first = await openAt(folder.path, {
      topics: [{ name: "t", subscriptions: [{ name: "s" }] }],
    });
    await first.admin.createRule("t", "s", "mine", { subject: "x" });
  }
  await using second = await openAt(folder.path, {
    queues: [{ name: "q" }],
    topics: [
      {
        name: "T",
        userMetadata: "new",
        subscriptions: [{ name: "S", rules: [] }, { name: "more" }],
      },
    ],
  });
  expect(second.broker.describe().queues.map(({ name }) => name)).toEqual(["q"]);
  const topic = only(second.broker.describe().topics);
  expect(topic.subscriptions.map(({ name, rules }) => [name, rules])).toEqual([
    ["s", ["$Default", "mine"]],
    ["more", ["$Default"]],
  ]);
  await second.broker.stop();
  await expect(
    startBroker({ data: folder.path, entities: { queues: [{ name: "t" }] } }),
  ).rejects.toThrow("'t' already exists");
  // A start that failed gives the directory free.
  await using third = await openAt(folder.path);
  expect(third.broker.describe().queues).toHaveLength(1);
});
