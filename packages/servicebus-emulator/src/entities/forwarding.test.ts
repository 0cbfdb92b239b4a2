import rhea from "rhea";
import { expect, it } from "vitest";

import { noFaults } from "../faults/fault-hooks.ts";
import { MessageContent } from "../messages/message-content.ts";
import { LockTokenSource } from "./lock-token.ts";
import { ManualClock } from "./manual-clock.ts";
import { Namespace } from "./namespace.ts";
import type { Queue } from "./queue.ts";

function start(): Namespace {
  const context = {
    clock: new ManualClock(),
    lockTokens: new LockTokenSource(),
    faults: noFaults(),
    notFoundText: (path: string) => path,
  };
  return new Namespace(context);
}

function message(): MessageContent {
  return MessageContent.parse(rhea.message.encode({ body: "x" }));
}

/** How many messages wait in a queue, and how many could not go on. */
function countsOf({ mailbox }: Queue): readonly number[] {
  return [
    mailbox.messages.counts.available,
    mailbox.deadLetters.counts.available,
    mailbox.transferDeadLetters.counts.available,
  ];
}

it("passes a message on four times, and dead-letters it before the fifth", () => {
  const namespace = start();
  const queues = [namespace.createQueue("q0", {})];
  for (let index = 1; index <= 5; index += 1) {
    queues.push(namespace.createQueue(`q${index}`, { forwardTo: `sb://host/Q${index - 1}` }));
  }
  const [last, , , , fourth, fifth] = queues;
  fourth?.send([message()]);
  expect(queues.map(countsOf)).toEqual([[1, 0, 0], ...Array.from({ length: 5 }, () => [0, 0, 0])]);
  fifth?.send([message()]);
  const [letter] = queues[1]?.mailbox.transferDeadLetters.peek(1, 1) ?? [];
  expect(last === undefined ? [] : countsOf(last)).toEqual([1, 0, 0]);
  expect(letter?.message.content.applicationProperties.get("DeadLetterReason")).toBe(
    "MaxTransferHopCountExceeded",
  );
  expect(letter?.message.enqueuedSequenceNumber).toBe(1);
});

it("ends a circle with one dead letter", () => {
  const namespace = start();
  const queue = namespace.createQueue("q", { maxDeliveryCount: 1 });
  namespace.createQueue("other", { forwardTo: "q" });
  namespace.updateQueue(queue, { maxDeliveryCount: 1, forwardTo: "other" });
  queue.send([message()]);
  const all = namespace.queues.map(countsOf);
  expect(all.flat().reduce((sum, count) => sum + count, 0)).toBe(1);
});

it("moves what waits when forwarding is switched on, and keeps it where the target is gone", () => {
  const namespace = start();
  const queue = namespace.createQueue("q", {});
  const target = namespace.createQueue("target", {});
  queue.send([message(), message()]);
  namespace.updateQueue(queue, { forwardTo: "target" });
  expect([countsOf(queue), countsOf(target)]).toEqual([
    [0, 0, 0],
    [2, 0, 0],
  ]);
  namespace.delete({ kind: "entity", name: "target" });
  queue.send([message()]);
  expect(countsOf(queue)).toEqual([0, 0, 1]);
});

it("does not pass on to a target that takes nothing", () => {
  const namespace = start();
  const target = namespace.createQueue("target", {});
  const queue = namespace.createQueue("q", { forwardTo: "target" });
  namespace.updateQueue(target, { status: "SendDisabled" });
  queue.send([message()]);
  expect([countsOf(queue), countsOf(target)]).toEqual([
    [0, 0, 1],
    [0, 0, 0],
  ]);
});

it("refuses a target that is not there, that is the entity itself, and sessions", () => {
  const namespace = start();
  namespace.createQueue("target", {});
  expect(() => namespace.createQueue("q", { forwardTo: "missing" })).toThrow("'missing'");
  expect(() => namespace.createQueue("q", { forwardDeadLetteredMessagesTo: "missing" })).toThrow(
    "forwardDeadLetteredMessagesTo",
  );
  expect(() => namespace.createQueue("q", { forwardTo: "Q" })).toThrow("forward to itself");
  expect(() => namespace.createQueue("q", { forwardTo: "target", requiresSession: true })).toThrow(
    "RequiresSession",
  );
});
