import rhea from "rhea";
import { describe, expect, it } from "vitest";

import { noFaults } from "../faults/fault-hooks.ts";
import { MessageContent } from "../messages/message-content.ts";
import type { EntityLink } from "./entity-use.ts";
import { LockTokenSource } from "./lock-token.ts";
import { ManualClock } from "./manual-clock.ts";
import type { Consumer, MessageLock } from "./message-lane.ts";
import { Namespace } from "./namespace.ts";
import { PlainStore } from "./plain-store.ts";
import type { Queue } from "./queue.ts";

function start(): { readonly clock: ManualClock; readonly namespace: Namespace } {
  const clock = new ManualClock();
  const context = {
    clock,
    lockTokens: new LockTokenSource(),
    faults: noFaults(),
    notFoundText: (path: string) => path,
  };
  return { clock, namespace: new Namespace(context) };
}

function message(ttl?: number): MessageContent {
  return MessageContent.parse(
    rhea.message.encode({ ...(ttl === undefined ? {} : { ttl }), body: 1 }),
  );
}

function storeOf({ mailbox }: Queue): PlainStore {
  if (mailbox.messages instanceof PlainStore) {
    return mailbox.messages;
  }
  throw new Error("The queue has sessions.");
}

/** Receives what is there, up to a number of messages. */
function receive(queue: Queue, credit: number): readonly MessageLock[] {
  const locks: MessageLock[] = [];
  const consumer: Consumer = {
    locksMessages: true,
    get canTake() {
      return locks.length < credit;
    },
    take: (_queued, lock) => {
      if (lock !== undefined) {
        locks.push(lock);
      }
    },
  };
  const { lane } = storeOf(queue);
  lane.addConsumer(consumer);
  lane.dispatch();
  lane.removeConsumer(consumer);
  return locks;
}

describe("an update", () => {
  it("holds for locks and deliveries from then on, not for locks that are there", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", { lockDuration: "PT1M" });
    queue.send([message(), message()]);
    receive(queue, 1);
    namespace.updateQueue(queue, { lockDuration: "PT10S", maxDeliveryCount: 1 });
    receive(queue, 1);
    clock.advance(10_000);
    expect(queue.mailbox.messages.counts).toEqual({ available: 0, locked: 1, deferred: 0 });
    expect(queue.mailbox.deadLetters.counts.available).toBe(1);
    clock.advance(50_000);
    expect(queue.mailbox.deadLetters.counts.available).toBe(2);
  });

  it("keeps what can only be chosen at creation, and refuses to change it", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", { requiresDuplicateDetection: true });
    clock.advance(1000);
    namespace.updateQueue(queue, { userMetadata: "new" });
    expect(queue.options).toEqual({ requiresDuplicateDetection: true, userMetadata: "new" });
    expect(queue.updatedAt - queue.createdAt).toBe(1000);
    for (const options of [{ requiresSession: true }, { requiresDuplicateDetection: false }]) {
      expect(() => {
        namespace.updateQueue(queue, options);
      }).toThrow("cannot be changed");
    }
    expect(() => {
      namespace.updateQueue(queue, { lockDuration: "PT6M" });
    }).toThrow("LockDuration");
    expect(queue.settings.lockDurationInMs).toBe(60_000);
  });

  it("detaches receivers once the entity is closed for them, and leaves senders to hear it", () => {
    const { namespace } = start();
    const queue = namespace.createQueue("q", {});
    const detached: string[] = [];
    const link = (name: string): EntityLink => ({
      detach: ({ condition }) => detached.push(`${name} ${condition}`),
    });
    queue.use.add(link("sender"), "Send");
    queue.use.add(link("receiver"), "Listen");
    namespace.updateQueue(queue, { status: "SendDisabled" });
    expect(detached).toEqual([]);
    namespace.updateQueue(queue, { status: "Disabled" });
    expect(detached).toEqual(["receiver com.microsoft:entity-disabled"]);
    expect(queue.use.linkCount).toBe(1);
  });
});

describe("a deferred message", () => {
  it("expires when somebody asks for it, not before, and is dead-lettered if the queue says so", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", { deadLetteringOnMessageExpiration: true });
    queue.send([message(1000), message()]);
    const { lane } = storeOf(queue);
    for (const lock of receive(queue, 2)) {
      lane.defer(lock, []);
    }
    clock.advance(2000);
    namespace.sweep();
    expect(queue.mailbox.messages.counts.deferred).toBe(2);
    expect(lane.takeDeferred([1, 2])).toBeUndefined();
    expect(queue.mailbox.messages.counts.deferred).toBe(1);
    expect(queue.mailbox.deadLetters.counts.available).toBe(1);
    expect(lane.takeDeferred([2, 2])).toHaveLength(1);
  });

  it("returns to its kind when its lock runs out, and goes to the dead letters after the last", () => {
    const { clock, namespace } = start();
    const queue = namespace.createQueue("q", { lockDuration: "PT10S", maxDeliveryCount: 2 });
    queue.send([message()]);
    const { lane } = storeOf(queue);
    for (const lock of receive(queue, 1)) {
      lane.defer(lock, []);
    }
    for (const [deferred, dead] of [
      [1, 0],
      [0, 1],
    ]) {
      for (const queued of lane.takeDeferred([1]) ?? []) {
        lane.lock(queued);
      }
      clock.advance(10_000);
      expect(queue.mailbox.messages.counts.deferred).toBe(deferred);
      expect(queue.mailbox.deadLetters.counts.available).toBe(dead);
    }
  });
});

describe("idle subscriptions", () => {
  it("are deleted with their rules also after an update has set the time", () => {
    const { clock, namespace } = start();
    const topic = namespace.createTopic("t", {});
    const subscription = namespace.createSubscription("t", "s", {});
    clock.advance(600_000);
    namespace.updateSubscription(subscription, { autoDeleteOnIdle: "PT5M" });
    namespace.sweep();
    expect(topic.subscriptions.size).toBe(1);
    topic.send([message()]);
    clock.advance(300_000);
    namespace.sweep();
    expect(topic.subscriptions.size).toBe(0);
  });
});
