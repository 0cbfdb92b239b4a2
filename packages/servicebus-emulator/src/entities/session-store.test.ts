import rhea from "rhea";
import { noFaults } from "../faults/fault-hooks.ts";
import { expect, it } from "vitest";

import type { AmqpError } from "../amqp/amqp-error.ts";
import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { MessageContent } from "../messages/message-content.ts";
import { LockTokenSource } from "./lock-token.ts";
import { ManualClock } from "./manual-clock.ts";
import type { SessionHolder } from "./message-session.ts";
import type { QueuedMessage } from "./queued-message.ts";
import { type AcceptedSession, SessionStore } from "./session-store.ts";

interface Holder extends SessionHolder {
  readonly losses: string[];
}

function holder(): Holder {
  const losses: string[] = [];
  return { losses, sessionLost: ({ condition }: AmqpError) => losses.push(condition) };
}

function start(): { clock: ManualClock; store: SessionStore } {
  const clock = new ManualClock();
  const store = new SessionStore({
    clock,
    lockTokens: new LockTokenSource(),
    faults: noFaults(),
    lockDurationInMs: () => 15_000,
    maxDeliveryCount: () => 10,
    discardExpired: () => undefined,
    deadLetter: () => undefined,
  });
  return { clock, store };
}

function messageOf(sessionId: string, sequenceNumber: number): QueuedMessage {
  const content = MessageContent.parse(rhea.message.encode({ group_id: sessionId, body: "x" }));
  return {
    message: new EnqueuedMessage(content, { sequenceNumber, enqueuedAt: 0 }),
    ttlInMs: undefined,
    expiresAt: undefined,
    deadLetterSource: undefined,
    deliveryCount: 0,
    state: "active",
  };
}

function waitForNext(store: SessionStore, who: Holder, timeoutInMs = 60_000) {
  const outcome: { accepted?: AcceptedSession; refused?: string; cancel: () => void } = {
    cancel: () => undefined,
  };
  outcome.cancel = store.acceptNext({
    holder: who,
    timeoutInMs,
    granted: (accepted) => {
      outcome.accepted = accepted;
    },
    timedOut: ({ condition }) => {
      outcome.refused = condition;
    },
  });
  return outcome;
}

it("locks a session for one holder until it is given back", () => {
  const { clock, store } = start();
  const [first, second] = [holder(), holder()];
  const { session, lockedUntil } = store.accept("s", first);
  expect(lockedUntil).toBe(clock.now() + 15_000);
  expect(() => store.accept("s", second)).toThrow("cannot be accepted");
  expect(() => store.held("s", second)).toThrow("has expired");
  store.release(session, second);
  expect(store.isHeldBy("s", first)).toBe(true);
  store.release(session, first);
  expect(store.accept("s", second).session.id).toBe("s");
});

it("takes a session from who does not renew it, and from nobody else", () => {
  const { clock, store } = start();
  const [lazy, keen] = [holder(), holder()];
  store.accept("lazy", lazy);
  store.accept("keen", keen);
  clock.advance(10_000);
  expect(store.renew("keen", keen)).toBe(clock.now() + 15_000);
  clock.advance(5000);
  expect(lazy.losses).toEqual(["com.microsoft:session-lock-lost"]);
  expect(keen.losses).toEqual([]);
  expect(() => store.renew("lazy", lazy)).toThrow("has expired");
  expect(store.isHeldBy("keen", keen)).toBe(true);
});

it("keeps the state of a session while nobody holds it, and forgets a session without", () => {
  const { store } = start();
  const who = holder();
  const { session } = store.accept("s", who);
  session.state = Buffer.from("state");
  store.release(session, who);
  const again = store.accept("s", who).session;
  expect(again.state?.toString()).toBe("state");
  again.state = undefined;
  store.release(again, who);
  expect(store.accept("s", who).session).not.toBe(again);
});

it("gives the next free session, oldest message first, to who has waited longest", () => {
  const { store } = start();
  const [first, second] = [waitForNext(store, holder()), waitForNext(store, holder())];
  store.put(messageOf("a", 1));
  expect(first.accepted?.session.id).toBe("a");
  store.put(messageOf("a", 2));
  expect(second.accepted).toBeUndefined();
  store.put(messageOf("b", 3));
  expect(second.accepted?.session.id).toBe("b");
  store.put(messageOf("d", 4));
  store.put(messageOf("c", 5));
  expect(waitForNext(store, holder()).accepted?.session.id).toBe("d");
});

it("tells who waits in vain, and forgets who gave up", () => {
  const { clock, store } = start();
  const [patient, gone] = [waitForNext(store, holder(), 1000), waitForNext(store, holder())];
  gone.cancel();
  clock.advance(1000);
  expect(patient.refused).toBe("com.microsoft:timeout");
  store.put(messageOf("a", 1));
  expect(gone.accepted).toBeUndefined();
  expect(clock.pending).toBe(0);
});

it("hands a session whose lock ran out to who waits for the next one", () => {
  const { clock, store } = start();
  const lazy = holder();
  store.put(messageOf("a", 1));
  store.accept("a", lazy);
  const heir = waitForNext(store, holder());
  clock.advance(15_000);
  expect(heir.accepted?.session.id).toBe("a");
  expect(lazy.losses).toHaveLength(1);
});
