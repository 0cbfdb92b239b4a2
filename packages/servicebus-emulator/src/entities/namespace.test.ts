import rhea from "rhea";
import { noFaults } from "../faults/fault-hooks.ts";
import { describe, expect, it } from "vitest";

import { MessageContent } from "../messages/message-content.ts";
import { LockTokenSource } from "./lock-token.ts";
import { ManualClock } from "./manual-clock.ts";
import type { Consumer } from "./message-lane.ts";
import { Namespace } from "./namespace.ts";
import { PlainStore } from "./plain-store.ts";
import type { Queue } from "./queue.ts";
import type { QueuedMessage } from "./queued-message.ts";

const minute = 60_000;

function start(): { clock: ManualClock; namespace: Namespace } {
  const clock = new ManualClock();
  const context = {
    clock,
    lockTokens: new LockTokenSource(),
    faults: noFaults(),
    notFoundText: (path: string) => path,
  };
  return { clock, namespace: new Namespace(context) };
}

function messageWith(fields: { subject?: string; ttl?: number } = {}): MessageContent {
  return MessageContent.parse(rhea.message.encode({ ...fields, body: "x" }));
}

/** A receiver with some credit. */
function consumerOf(credit: number, locksMessages = true): Consumer & { taken: QueuedMessage[] } {
  const taken: QueuedMessage[] = [];
  return {
    locksMessages,
    taken,
    get canTake() {
      return taken.length < credit;
    },
    take: (queued) => taken.push(queued),
  };
}

function receiveFrom(queue: Pick<Queue, "mailbox">, consumer: Consumer): void {
  const store = queue.mailbox.messages;
  if (store instanceof PlainStore) {
    store.lane.addConsumer(consumer);
    store.lane.dispatch();
  }
}

describe("time to live", () => {
  it("is the shortest of the message's, the topic's and the subscription's", () => {
    const { clock, namespace } = start();
    const topic = namespace.createTopic("t", { defaultMessageTimeToLive: "PT1M" });
    const short = namespace.createSubscription("t", "short", { defaultMessageTimeToLive: "PT30S" });
    const long = namespace.createSubscription("t", "long", { defaultMessageTimeToLive: "PT5M" });
    for (const subscription of [short, long]) {
      subscription.addRule("all", { kind: "true" });
    }
    topic.send([messageWith(), messageWith({ ttl: 10_000 })]);
    const available = (): readonly number[] => {
      namespace.sweep();
      return [short, long].map(({ mailbox }) => mailbox.messages.counts.available);
    };
    expect(available()).toEqual([2, 2]);
    clock.advance(10_000);
    expect(available()).toEqual([1, 1]);
    clock.advance(20_000);
    expect(available()).toEqual([0, 1]);
    clock.advance(30_000);
    expect(available()).toEqual([0, 0]);
  });

  it("is not over for a message that is locked, and never in the dead-letter queue", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", {
      defaultMessageTimeToLive: "PT10S",
      deadLetteringOnMessageExpiration: true,
      lockDuration: "PT1M",
    });
    receiveFrom(queue, consumerOf(1));
    queue.send([messageWith()]);
    clock.advance(30_000);
    namespace.sweep();
    expect(queue.mailbox.messages.counts).toEqual({ available: 0, locked: 1, deferred: 0 });
    clock.advance(30_000);
    namespace.sweep();
    expect(queue.mailbox.messages.counts).toEqual({ available: 0, locked: 0, deferred: 0 });
    clock.advance(100 * minute);
    namespace.sweep();
    expect(queue.mailbox.deadLetters.counts.available).toBe(1);
  });

  it("keeps a message from a receiver that comes too late, also before it is swept up", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", {});
    queue.send([messageWith({ ttl: 1000 }), messageWith()]);
    clock.advance(1000);
    const consumer = consumerOf(10);
    receiveFrom(queue, consumer);
    expect(consumer.taken.map(({ message }) => message.sequenceNumber)).toEqual([2]);
  });
});

describe("idle entities", () => {
  it("are deleted after their time, and not while somebody uses them", () => {
    const { clock, namespace } = start();
    namespace.createTopic("t", {});
    const idle = { autoDeleteOnIdle: "PT5M" };
    namespace.createSubscription("t", "idle", idle);
    namespace.createSubscription("t", "kept", {});
    const used = namespace.createSubscription("t", "used", idle);
    const link = { detach: () => undefined };
    used.use.add(link, "Listen");
    clock.advance(5 * minute - 1);
    namespace.sweep();
    const names = (): readonly string[] =>
      [...namespace.topic("t").subscriptions.values()].map(({ name }) => name);
    expect(names()).toEqual(["idle", "kept", "used"]);
    clock.advance(1);
    namespace.sweep();
    expect(names()).toEqual(["kept", "used"]);
    used.use.remove(link);
    clock.advance(5 * minute);
    namespace.sweep();
    expect(names()).toEqual(["kept"]);
  });

  it("takes queues and topics without subscriptions, too", () => {
    const { clock, namespace } = start();
    namespace.createQueue("q", { autoDeleteOnIdle: "PT5M" });
    namespace.createTopic("empty", { autoDeleteOnIdle: "PT5M" });
    namespace.createTopic("t", { autoDeleteOnIdle: "PT5M" });
    namespace.createSubscription("t", "s", {});
    clock.advance(5 * minute);
    namespace.sweep();
    expect(namespace.queues).toEqual([]);
    expect(namespace.topics.map(({ name }) => name)).toEqual(["t"]);
  });
});

describe("deleting", () => {
  it("detaches the links of the entity and of all that belongs to it", () => {
    const { namespace } = start();
    const topic = namespace.createTopic("t", {});
    const subscription = namespace.createSubscription("t", "s", {});
    const detached: string[] = [];
    for (const { use } of [topic, subscription]) {
      use.add(
        { detach: ({ condition, message }) => detached.push(`${condition} ${message}`) },
        "Listen",
      );
    }
    namespace.delete({ kind: "entity", name: "T" });
    expect(detached).toEqual(["amqp:not-found t/Subscriptions/s", "amqp:not-found t"]);
    expect(() => namespace.topic("t")).toThrow("could not be found");
  });
});

describe("delivery", () => {
  it("lets receivers take turns, and gives returned messages out before later ones", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", { lockDuration: "PT10S" });
    const [one, two] = [consumerOf(2), consumerOf(2)];
    receiveFrom(queue, one);
    receiveFrom(queue, two);
    queue.send(Array.from({ length: 5 }, () => messageWith()));
    const numbers = (taken: readonly QueuedMessage[]): readonly number[] =>
      taken.map(({ message }) => message.sequenceNumber);
    expect([numbers(one.taken), numbers(two.taken)]).toEqual([
      [1, 3],
      [2, 4],
    ]);
    clock.advance(10_000);
    const late = consumerOf(10, false);
    receiveFrom(queue, late);
    expect(numbers(late.taken)).toEqual([1, 2, 3, 4, 5]);
    expect(late.taken.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1, 1, 1, 0]);
  });

  it("dead-letters a message when its last lock runs out", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", { lockDuration: "PT10S", maxDeliveryCount: 3 });
    const consumer = consumerOf(100);
    receiveFrom(queue, consumer);
    queue.send([messageWith()]);
    clock.advance(minute);
    expect(consumer.taken).toHaveLength(3);
    expect(queue.mailbox.deadLetters.counts.available).toBe(1);
  });
});
