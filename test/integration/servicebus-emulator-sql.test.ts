import type { ServiceBusMessage } from "@azure/service-bus";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { only } from "../support/only.ts";
import { connectClients, type ServiceBusClients } from "../support/service-bus-clients.ts";

const entities = { topics: [{ name: "t", subscriptions: [{ name: "s" }] }] };
const settled = { maxWaitTimeInMs: 400 };

async function bodiesOf({ client }: ServiceBusClients): Promise<readonly unknown[]> {
  const receiver = client.createReceiver("t", "s", { receiveMode: "receiveAndDelete" });
  const received = await receiver.receiveMessages(50, settled);
  return received.map(({ body }: { body: unknown }) => body);
}

it("lets through what a SQL filter says, by properties of the sender and of the system", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.deleteRule("t", "s", "$Default");
  await admin.createRule("t", "s", "sql", {
    sqlExpression:
      "sys.Label LIKE 'order!_%' ESCAPE '!' AND (amount * 2 > @limit OR region IN ('eu', 'us')) AND cancelled IS NULL",
    sqlParameters: { "@limit": 10 },
  });
  const send = (
    body: number,
    subject: string,
    applicationProperties: Readonly<Record<string, string | number | boolean>>,
  ): ServiceBusMessage => ({ body, subject, applicationProperties });
  await client
    .createSender("t")
    .sendMessages([
      send(1, "order_new", { amount: 6 }),
      send(2, "order_new", { amount: 5 }),
      send(3, "order_new", { amount: 5, region: "eu" }),
      send(4, "orders", { amount: 6 }),
      send(5, "order_", { amount: 5.5, cancelled: true }),
      send(6, "order_", { amount: 5.5 }),
      send(7, "order_", {}),
    ]);
  expect(await bodiesOf(clients)).toEqual([1, 3, 6]);
});

it("makes a copy for each rule with an action, and one for all others", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createRule("t", "s", "also", { sqlExpression: "a > 0" });
  await admin.createRule(
    "t",
    "s",
    "double",
    { sqlExpression: "a > 1" },
    { sqlExpression: "SET a = a * 2; SET sys.Label = 'doubled'; REMOVE b" },
  );
  await admin.createRule(
    "t",
    "s",
    "tag",
    { subject: "plain" },
    { sqlExpression: "SET tag = @tag", sqlParameters: { "@tag": "yes" } },
  );
  await client
    .createSender("t")
    .sendMessages({ body: 1, subject: "plain", applicationProperties: { a: 2, b: "x" } });
  const receiver = client.createReceiver("t", "s");
  const copies = await receiver.receiveMessages(10, settled);
  expect(
    copies.map(({ subject, applicationProperties }) => ({ subject, ...applicationProperties })),
  ).toEqual([
    { subject: "plain", a: 2, b: "x" },
    { subject: "doubled", a: 4, RuleName: "double" },
    { subject: "plain", a: 2, b: "x", tag: "yes", RuleName: "tag" },
  ]);
  expect(new Set(copies.map(({ sequenceNumber }) => String(sequenceNumber))).size).toBe(3);
  for (const copy of copies) {
    await receiver.completeMessage(copy);
  }
  expect(broker.describe().topics[0]?.subscriptions[0]?.messages).toMatchObject({
    available: 0,
    locked: 0,
  });
});

it("shows rules as they were written, over HTTP and over AMQP, and updates them", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const filter = {
    sqlExpression: "a < 3 AND b = @b",
    sqlParameters: { "@b": "<x>", "@n": 1.5 },
  };
  const action = { sqlExpression: "SET a = 1", sqlParameters: { "@unused": true } };
  await admin.createRule("t", "s", "rule", filter, action);
  const rule = await admin.getRule("t", "s", "rule");
  expect(rule).toMatchObject({ filter, action });
  const rules = client.createRuleManager("t", "s");
  await rules.createRule("amqp", { sqlExpression: "c <> 1" }, { sqlExpression: "REMOVE c" });
  const listed = [];
  for await (const one of rules.listRules()) {
    listed.push(one);
  }
  expect(listed).toMatchObject([
    { name: "$Default" },
    { name: "rule", filter: { sqlExpression: "a < 3 AND b = @b" } },
    { name: "amqp", filter: { sqlExpression: "c <> 1" }, action: { sqlExpression: "REMOVE c" } },
  ]);
  await admin.updateRule("t", "s", { ...rule, filter: { subject: "x" } });
  expect((await admin.getRule("t", "s", "rule")).filter).toMatchObject({ subject: "x" });
});

it("refuses expressions that are none when the rule is created, and says where", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const bad = { sqlExpression: "a = 'open" };
  await expect(admin.createRule("t", "s", "bad", bad)).rejects.toMatchObject({
    statusCode: 400,
    message: expect.stringContaining("position 5"),
  });
  await expect(
    admin.createRule("t", "s", "bad", { subject: "x" }, { sqlExpression: "DROP a" }),
  ).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining("SET or REMOVE") });
  await expect(
    admin.createSubscription("t", "other", { defaultRuleOptions: { name: "bad", filter: bad } }),
  ).rejects.toMatchObject({ statusCode: 400 });
  const rules = client.createRuleManager("t", "s");
  await expect(rules.createRule("bad", { sqlExpression: "sys.Colour = 1" })).rejects.toThrow(
    "There is no system property 'sys.Colour'",
  );
  expect(broker.describe().topics[0]?.subscriptions).toMatchObject([
    { name: "s", rules: ["$Default"] },
  ]);
});

it("dead-letters a message for which a filter cannot be worked out, or drops it if told to", async () => {
  await using broker = await startBroker({ entities: { topics: [{ name: "t" }] } });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const filter = { sqlExpression: "10 / amount > 2" };
  const defaultRuleOptions = { name: "ratio", filter };
  await admin.createSubscription("t", "keeps", { defaultRuleOptions });
  await admin.createSubscription("t", "drops", {
    defaultRuleOptions,
    deadLetteringOnFilterEvaluationExceptions: false,
  });
  await client.createSender("t").sendMessages([
    { body: 1, applicationProperties: { amount: 0 } },
    { body: 2, applicationProperties: { amount: 3 } },
  ]);
  expect(broker.describe().topics[0]?.subscriptions).toMatchObject([
    { name: "keeps", messages: { available: 1, deadLettered: 1 } },
    { name: "drops", messages: { available: 1, deadLettered: 0 } },
  ]);
  const dead = client.createReceiver("t", "keeps", { subQueueType: "deadLetter" });
  expect(only(await dead.receiveMessages(1, settled))).toMatchObject({
    body: 1,
    deadLetterReason: "FilterEvaluationException",
    deadLetterErrorDescription: expect.stringContaining("division by zero"),
  });
});
