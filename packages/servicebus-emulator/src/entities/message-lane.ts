import type { FaultHooks } from "../faults/fault-hooks.ts";
import type { RawPair } from "../messages/raw-pairs.ts";
import type { Clock } from "./clock.ts";
import { DeferredMessages } from "./deferred-messages.ts";
import { isExpired, MessageList } from "./message-list.ts";
import type { MessageLog } from "./message-log.ts";
import {
  type DeadLetterReason,
  firstOf,
  type QueuedMessage,
  sizeOf,
  withChanges,
} from "./queued-message.ts";

/** The lock under which a receiver holds a message. */
export interface MessageLock {
  readonly token: Buffer;
  readonly queued: QueuedMessage;
  /** Broker time, milliseconds since 1970, when the message was delivered. */
  readonly lockedUntil: number;
}

/** A receiver, as a lane sees it. */
export interface Consumer {
  /** Whether it takes messages under a lock, or for good. */
  readonly locksMessages: boolean;
  /** True while it has credit. */
  readonly canTake: boolean;
  /** Takes a message; under a lock if it locks messages. */
  take(queued: QueuedMessage, lock: MessageLock | undefined): void;
}

/** What a lane leaves to the store it belongs to. */
export interface LanePolicy {
  readonly clock: Clock;
  readonly faults: FaultHooks;
  readonly log: MessageLog | undefined;
  maxDeliveryCount(): number;
  lock(queued: QueuedMessage): MessageLock;
  /** Gives a lock up; false when it was lost. */
  unlock(lock: MessageLock): boolean;
  /** Disposes of a message whose time to live is over. */
  discardExpired(queued: QueuedMessage): void;
  deadLetter(queued: QueuedMessage, reason: DeadLetterReason): void;
}

/**
 * Messages in order, and the receivers that take them: a queue without sessions is one lane, and
 * each session is one. Receivers with credit take turns.
 */
export class MessageLane {
  readonly #policy: LanePolicy;
  readonly #messages = new MessageList();
  readonly #deferred = new DeferredMessages();
  readonly #consumers: Consumer[] = [];
  #next = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(policy: LanePolicy) {
    this.#policy = policy;
  }

  /** The faults that are on in the broker. */
  get faults(): FaultHooks {
    return this.#policy.faults;
  }

  /** How many messages wait for a receiver. */
  get size(): number {
    return this.#messages.size;
  }

  /** How many messages wait for somebody who knows their numbers. */
  get deferredCount(): number {
    return this.#deferred.size;
  }

  get firstSequenceNumber(): number | undefined {
    return this.#messages.first?.message.sequenceNumber;
  }

  /** Adds a message and hands it out if somebody waits; one that is deferred goes back to its kind. */
  put(queued: QueuedMessage): void {
    this.#policy.log?.put(queued);
    if (queued.state === "deferred") {
      this.#deferred.put(queued);
      return;
    }
    this.#messages.insert(queued);
    this.dispatch();
  }

  addConsumer(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  removeConsumer(consumer: Consumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index >= 0) {
      this.#consumers.splice(index, 1);
    }
  }

  /** Hands out messages while there are both messages and credit. */
  dispatch(): void {
    while (this.#messages.size > 0) {
      if (this.faults.holds.size > 0 && this.#isHeldBack()) {
        return;
      }
      const consumer = this.#nextConsumer();
      if (consumer === undefined) {
        return;
      }
      const queued = this.#takeNext();
      if (queued !== undefined) {
        this.#deliver(queued, consumer);
      }
    }
  }

  /** Ends a message for good; false when its lock was lost. */
  complete(lock: MessageLock): boolean {
    if (!this.#policy.unlock(lock)) {
      return false;
    }
    this.#policy.log?.removed(lock.queued);
    return true;
  }

  /** Puts a message back as a failed delivery, with changed properties; false when its lock was lost. */
  abandon(lock: MessageLock, changes: readonly RawPair[]): boolean {
    if (!this.#policy.unlock(lock)) {
      return false;
    }
    this.returnFailed(withChanges(lock.queued, changes));
    return true;
  }

  /** Puts a message aside for who asks for it by its number; false when its lock was lost. */
  defer(lock: MessageLock, changes: readonly RawPair[]): boolean {
    if (!this.#policy.unlock(lock)) {
      return false;
    }
    this.put({ ...withChanges(lock.queued, changes), state: "deferred" });
    return true;
  }

  /** Takes deferred messages, all or none; undefined when one of them is not there. */
  takeDeferred(sequenceNumbers: readonly number[]): readonly QueuedMessage[] | undefined {
    const now = this.#policy.clock.now();
    for (const queued of this.#deferred.takeExpired(sequenceNumbers, now)) {
      this.#discardExpired(queued);
    }
    return this.#deferred.take(sequenceNumbers);
  }

  /** Takes every message that waits for a receiver. */
  takeAll(): readonly QueuedMessage[] {
    const taken: QueuedMessage[] = [];
    while (this.#messages.size > 0) {
      const queued = this.#unlessExpired(this.#messages.shift());
      if (queued !== undefined) {
        this.#policy.log?.removed(queued);
        taken.push(queued);
      }
    }
    return taken;
  }

  /** Gives a message that was taken away for good. */
  release(queued: QueuedMessage): void {
    this.#policy.log?.removed(queued);
  }

  /** Locks a message that was taken. */
  lock(queued: QueuedMessage): MessageLock {
    return this.#policy.lock(queued);
  }

  /** Moves a message to the dead-letter queue; false when its lock was lost. */
  deadLetter(lock: MessageLock, reason: DeadLetterReason, changes: readonly RawPair[]): boolean {
    if (!this.#policy.unlock(lock)) {
      return false;
    }
    this.#policy.log?.removed(lock.queued);
    this.#policy.deadLetter(withChanges(lock.queued, changes), reason);
    return true;
  }

  /** Puts a message back after a delivery that failed: abandoned, or its lock ran out. */
  returnFailed(queued: QueuedMessage): void {
    const deliveryCount = queued.deliveryCount + 1;
    const returned = { ...queued, deliveryCount };
    if (deliveryCount >= this.#policy.maxDeliveryCount()) {
      this.#policy.log?.removed(returned);
      this.#policy.deadLetter(returned, {
        reason: "MaxDeliveryCountExceeded",
        description: `Message could not be consumed after ${deliveryCount} delivery attempts.`,
      });
      return;
    }
    this.put(returned);
  }

  /** Disposes of the messages whose time to live is over. */
  sweep(): void {
    for (const queued of this.#messages.takeExpired(this.#policy.clock.now())) {
      this.#discardExpired(queued);
    }
  }

  peek(fromSequenceNumber: number, limit: number): readonly QueuedMessage[] {
    const waiting = this.#messages.peek(fromSequenceNumber, limit);
    return this.#deferred.size === 0
      ? waiting
      : firstOf([...waiting, ...this.#deferred.values()], { fromSequenceNumber, limit });
  }

  /** The size of its messages in bytes. */
  get sizeInBytes(): number {
    return sizeOf(this.#messages.values()) + sizeOf(this.#deferred.values());
  }

  /** Stops waiting; the entity is gone. */
  close(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #deliver(queued: QueuedMessage, consumer: Consumer): void {
    const copy = this.faults.copies?.copyOf(queued);
    if (copy !== undefined) {
      this.#messages.insert(copy);
    }
    this.faults.credits?.charge(1);
    if (consumer.locksMessages) {
      consumer.take(queued, this.#policy.lock(queued));
    } else {
      this.release(queued);
      consumer.take(queued, undefined);
    }
  }

  #discardExpired(queued: QueuedMessage): void {
    this.#policy.log?.removed(queued);
    this.#policy.discardExpired(queued);
  }

  /** True while a fault holds the next delivery back; it is tried again when it may go. */
  #isHeldBack(): boolean {
    const { clock, faults } = this.#policy;
    const oldest = this.#messages.first;
    const now = clock.now();
    let waitInMs = 0;
    for (const hold of faults.holds) {
      waitInMs = Math.max(waitInMs, oldest === undefined ? 0 : hold.waitInMs(oldest, now));
    }
    if (waitInMs > 0) {
      this.#cancelRetry?.();
      this.#cancelRetry = clock.schedule(waitInMs, () => {
        this.#cancelRetry = undefined;
        this.dispatch();
      });
    }
    return waitInMs > 0;
  }

  #takeNext(): QueuedMessage | undefined {
    return this.#unlessExpired(
      this.faults.deliversNewestFirst ? this.#messages.pop() : this.#messages.shift(),
    );
  }

  #unlessExpired(queued: QueuedMessage | undefined): QueuedMessage | undefined {
    if (queued !== undefined && isExpired(queued, this.#policy.clock.now())) {
      this.#discardExpired(queued);
      return undefined;
    }
    return queued;
  }

  #nextConsumer(): Consumer | undefined {
    const count = this.#consumers.length;
    for (let step = 0; step < count; step += 1) {
      const index = (this.#next + step) % count;
      const consumer = this.#consumers[index];
      if (consumer?.canTake === true) {
        this.#next = (index + 1) % count;
        return consumer;
      }
    }
    return undefined;
  }
}
