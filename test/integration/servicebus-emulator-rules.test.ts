import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

const entities = {
  topics: [{ name: "t", subscriptions: [{ name: "s" }, { name: "all" }] }],
};

it("lets through what a correlation filter names, by system and application properties", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createRule("t", "s", "by-subject", { subject: "command", to: "fleet" });
  await admin.createRule("t", "s", "by-property", {
    applicationProperties: { role: "worker", shard: 3, urgent: true },
  });
  await admin.deleteRule("t", "s", "$Default");
  await client.createSender("t").sendMessages([
    { body: "subject", subject: "command", to: "fleet" },
    { body: "wrong case", subject: "Command", to: "fleet" },
    { body: "half", subject: "command" },
    { body: "property", applicationProperties: { role: "worker", shard: 3, urgent: true, x: 1 } },
    { body: "wrong value", applicationProperties: { role: "worker", shard: 4, urgent: true } },
  ]);
  const received = await client
    .createReceiver("t", "s", { receiveMode: "receiveAndDelete" })
    .receiveMessages(5, { maxWaitTimeInMs: 500 });
  expect(received.map(({ body }: { body: unknown }) => body)).toEqual(["subject", "property"]);
  expect(broker.describe().topics[0]?.subscriptions[1]?.messages.available).toBe(5);
});

it("gives one copy to a subscription however many of its rules match, and none without rules", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  await admin.createRule("t", "s", "also-true", { sqlExpression: "1=1" });
  const sender = client.createSender("t");
  const available = (): number | undefined =>
    broker.describe().topics[0]?.subscriptions[0]?.messages.available;
  await sender.sendMessages({ body: 1 });
  expect(available()).toBe(1);
  await admin.deleteRule("t", "s", "$Default");
  await admin.deleteRule("t", "s", "also-true");
  await sender.sendMessages({ body: 2 });
  expect(available()).toBe(1);
  await admin.createRule("t", "s", "none", { sqlExpression: "1=0" });
  await sender.sendMessages({ body: 3 });
  expect(available()).toBe(1);
});

it("shows and lists rules as they were created", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin } = clients;
  const filter = {
    correlationId: "a&b",
    subject: "<label>",
    applicationProperties: { text: "x", number: 1.5, yes: true, when: new Date(86_400_000) },
  };
  await admin.createRule("t", "s", "rule", filter);
  expect((await admin.getRule("t", "s", "rule")).filter).toMatchObject(filter);
  const names: string[] = [];
  for await (const rule of admin.listRules("t", "s")) {
    names.push(rule.name);
  }
  expect(names).toEqual(["$Default", "rule"]);
  expect((await admin.getRule("t", "s", "$Default")).filter).toEqual({ sqlExpression: "1=1" });
  await expect(admin.createRule("t", "s", "rule", filter)).rejects.toMatchObject({
    code: "MessageEntityAlreadyExistsError",
  });
  await expect(admin.deleteRule("t", "s", "missing")).rejects.toMatchObject({
    code: "MessageEntityNotFoundError",
  });
});

it("lists over AMQP what was created over REST, the largest numbers too", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const { admin, client } = clients;
  const applicationProperties = { n: -Number.MAX_VALUE };
  await admin.createRule("t", "s", "far", { applicationProperties });
  const listed = [];
  for await (const rule of client.createRuleManager("t", "s").listRules()) {
    listed.push(rule);
  }
  expect(listed).toMatchObject([
    { name: "$Default" },
    { name: "far", filter: { applicationProperties } },
  ]);
});

it("manages rules over AMQP, too", async () => {
  await using broker = await startBroker({ entities });
  await using clients = connectClients(broker);
  const rules = clients.client.createRuleManager("t", "s");
  await rules.createRule("rule", { subject: "x", applicationProperties: { n: 1 } });
  await rules.createRule("none", { sqlExpression: "1=0" });
  await rules.deleteRule("$Default");
  const listed = [];
  for await (const rule of rules.listRules()) {
    listed.push(rule);
  }
  expect(listed).toMatchObject([
    { name: "rule", filter: { subject: "x", applicationProperties: { n: 1 } } },
    { name: "none", filter: { sqlExpression: "1=0" } },
  ]);
  await expect(rules.createRule("rule", { subject: "y" })).rejects.toMatchObject({
    code: "MessagingEntityAlreadyExists",
  });
});
