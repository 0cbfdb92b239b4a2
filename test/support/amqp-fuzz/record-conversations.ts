import type { ServiceBusClient } from "@azure/service-bus";
import { connectClients } from "../service-bus-clients.ts";
import { recordConnections } from "./record-connections.ts";
import { readWireUnits, type WireUnit } from "./wire-unit.ts";

const WAIT = { maxWaitTimeInMs: 500 };

/** What a client does over one connection. */
const SCENARIOS: readonly ((client: ServiceBusClient) => Promise<void>)[] = [
  async (client) => {
    const sender = client.createSender("fuzz");
    await sender.sendMessages({
      body: { a: [1, "two", null], at: new Date(0) },
      messageId: "one",
      subject: "a subject",
      timeToLive: 60_000,
      applicationProperties: { text: "x", number: 1.5, flag: true, at: new Date(0) },
    });
    const batch = await sender.createMessageBatch();
    batch.tryAddMessage({ body: Buffer.alloc(300, 1) });
    batch.tryAddMessage({ body: "second" });
    await sender.sendMessages(batch);
    const [number] = await sender.scheduleMessages(
      { body: "later" },
      new Date(Date.now() + 60_000),
    );
    if (number !== undefined) {
      await sender.cancelScheduledMessages(number);
    }
    await sender.close();
  },
  async (client) => {
    await client.createSender("fuzz").sendMessages([1, 2, 3, 4, 5].map((body) => ({ body })));
    const receiver = client.createReceiver("fuzz");
    await receiver.peekMessages(3);
    const messages = await receiver.receiveMessages(5, WAIT);
    const [first, second, third, fourth] = messages;
    if (
      first === undefined ||
      second === undefined ||
      third === undefined ||
      fourth === undefined
    ) {
      throw new Error("there is nothing to record");
    }
    await receiver.renewMessageLock(first);
    await receiver.completeMessage(first);
    await receiver.abandonMessage(second, { tried: "once", at: new Date(0) });
    await receiver.deferMessage(third, { why: 1 });
    await receiver.deadLetterMessage(fourth, {
      deadLetterReason: "a reason",
      deadLetterErrorDescription: "a description",
    });
    if (third.sequenceNumber !== undefined) {
      const [deferred] = await receiver.receiveDeferredMessages(third.sequenceNumber);
      await (deferred && receiver.completeMessage(deferred));
    }
    const dead = client.createReceiver("fuzz", {
      subQueueType: "deadLetter",
      receiveMode: "receiveAndDelete",
    });
    await dead.receiveMessages(1, WAIT);
    await receiver.close();
  },
  async (client) => {
    await client.createSender("fuzz-sessions").sendMessages({ body: 1, sessionId: "s" });
    const receiver = await client.acceptSession("fuzz-sessions", "s");
    await receiver.setSessionState({ seen: 1 });
    await receiver.getSessionState();
    await receiver.renewSessionLock();
    const [message] = await receiver.receiveMessages(1, WAIT);
    await (message && receiver.completeMessage(message));
    await receiver.setSessionState(null);
    await receiver.close();
    await client.createSender("fuzz-sessions").sendMessages({ body: 2, sessionId: "t" });
    const next = await client.acceptNextSession("fuzz-sessions");
    await next.peekMessages(1);
    await next.receiveMessages(1, WAIT);
    await next.close();
  },
  async (client) => {
    const rules = client.createRuleManager("fuzz-topic", "fuzz-all");
    await rules.createRule(
      "sql",
      { sqlExpression: "sys.Label = 'x' AND a IN (1, 2)" },
      { sqlExpression: "SET b = 1; REMOVE a" },
    );
    await rules.createRule("correlation", {
      correlationId: "c",
      applicationProperties: { a: 1, at: new Date(0), flag: false },
    });
    for await (const { name } of rules.listRules()) {
      await (name !== "all" && rules.deleteRule(name));
    }
    await client
      .createSender("fuzz-topic")
      .sendMessages({ body: "x", subject: "b", applicationProperties: { a: 1 } });
    const receiver = client.createReceiver("fuzz-topic", "fuzz-all", {
      receiveMode: "receiveAndDelete",
    });
    await receiver.receiveMessages(1, WAIT);
    await receiver.close();
  },
];

/** Records what the unmodified client sends in each of the scenarios, one connection each. */
export async function recordConversations(
  connectionString: string,
): Promise<readonly (readonly WireUnit[])[]> {
  const connections = await recordConnections(connectionString, async (way) => {
    for (const scenario of SCENARIOS) {
      await using clients = connectClients({ connectionString: way });
      await scenario(clients.client);
    }
  });
  return connections.map((bytes) => readWireUnits(bytes));
}
