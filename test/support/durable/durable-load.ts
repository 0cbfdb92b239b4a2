import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from "@azure/service-bus";

import type { Found, MessagePlaces, Place } from "./message-places.ts";

/** What a load works with. */
export interface DurableLoad {
  readonly client: ServiceBusClient;
  readonly queue: string;
  readonly places: MessagePlaces;
  readonly random: () => number;
  /** Ids of messages start with it. */
  readonly prefix: string;
}

const peekSize = 250;
const wait = { maxWaitTimeInMs: 500 };

/** Sends, schedules, receives and settles until an operation fails, because the broker was killed. */
export async function loadUntilKilled(load: DurableLoad): Promise<void> {
  const receivers = [
    load.client.createReceiver(load.queue),
    load.client.createReceiver(load.queue),
  ];
  await Promise.allSettled([
    send(load, "a"),
    send(load, "b"),
    sendBatches(load),
    schedule(load),
    ...receivers.map((receiver) => settle(load, receiver)),
  ]);
}

async function send(load: DurableLoad, name: string): Promise<never> {
  const sender = load.client.createSender(load.queue);
  for (let index = 0; ; index += 1) {
    const messageId = `${load.prefix}-${name}-${index}`;
    const body = "x".repeat(Math.floor(load.random() * 5000));
    await load.places.move([messageId], "active", () => sender.sendMessages({ messageId, body }));
  }
}

async function sendBatches(load: DurableLoad): Promise<never> {
  const sender = load.client.createSender(load.queue);
  for (let index = 0; ; index += 1) {
    const ids = Array.from({ length: 10 }, (_unused, item) => `${load.prefix}-c-${index}-${item}`);
    const messages = ids.map((messageId) => ({ messageId, body: messageId }));
    await load.places.move(ids, "active", () => sender.sendMessages(messages));
  }
}

async function schedule(load: DurableLoad): Promise<never> {
  const sender = load.client.createSender(load.queue);
  const later = new Date(Date.now() + 3_600_000);
  for (let index = 0; ; index += 1) {
    const messageId = `${load.prefix}-s-${index}`;
    const numbers: Awaited<ReturnType<typeof sender.scheduleMessages>> = [];
    await load.places.move([messageId], "scheduled", async () => {
      numbers.push(...(await sender.scheduleMessages({ messageId, body: "later" }, later)));
    });
    if (load.random() < 0.5) {
      await load.places.move([messageId], "absent", () => sender.cancelScheduledMessages(numbers));
    }
  }
}

async function settle(load: DurableLoad, receiver: ServiceBusReceiver): Promise<never> {
  for (;;) {
    const messages = await receiver.receiveMessages(5, wait);
    for (const message of messages) {
      load.places.delivered(idOf(message), message.deliveryCount ?? 0);
    }
    // One after the other: of two different verdicts in one tick on consecutive deliveries the client
    // (rhea 3.0.5, write_dispositions) sends the first one for both.
    for (const message of messages) {
      await settleOne(load, receiver, message);
    }
  }
}

async function settleOne(
  load: DurableLoad,
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
): Promise<void> {
  const [place, operation] = verdict(load.random(), receiver, message);
  if (place !== undefined) {
    await load.places.move([idOf(message)], place, operation);
  }
}

/** Half is completed; a tenth stays locked. */
function verdict(
  chance: number,
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
): readonly [Place | undefined, () => Promise<void>] {
  if (chance < 0.5) {
    return ["absent", () => receiver.completeMessage(message)];
  }
  if (chance < 0.7) {
    return ["dead", () => receiver.deadLetterMessage(message)];
  }
  return chance < 0.9
    ? ["deferred", () => receiver.deferMessage(message, { seen: true })]
    : [undefined, async () => undefined];
}

/** Where every message of a queue is. */
export async function findAll(
  client: ServiceBusClient,
  queue: string,
): Promise<ReadonlyMap<string, readonly Found[]>> {
  const found = new Map<string, Found[]>();
  const add = (message: ServiceBusReceivedMessage, place: Place): void => {
    const copies = found.get(idOf(message)) ?? [];
    found.set(idOf(message), [...copies, { place, deliveryCount: message.deliveryCount ?? 0 }]);
  };
  for (const message of await peekAll(client.createReceiver(queue))) {
    add(message, message.state);
  }
  const letters = client.createReceiver(queue, { subQueueType: "deadLetter" });
  for (const message of await peekAll(letters)) {
    add(message, "dead");
  }
  return found;
}

async function peekAll(
  receiver: ServiceBusReceiver,
): Promise<readonly ServiceBusReceivedMessage[]> {
  const all: ServiceBusReceivedMessage[] = [];
  for (;;) {
    const page = await receiver.peekMessages(peekSize);
    if (page.length === 0) {
      await receiver.close();
      return all;
    }
    all.push(...page);
  }
}

function idOf({ messageId }: ServiceBusReceivedMessage): string {
  return String(messageId);
}
