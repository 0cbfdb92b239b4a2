import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { KeptScheduled } from "./change.ts";
import type { Clock } from "./clock.ts";
import { firstOf, type QueuedMessage, sizeOf } from "./queued-message.ts";

interface Scheduled extends KeptScheduled {
  readonly queued: QueuedMessage;
}

/** Messages that become available later, under numbers that hold until then. */
export class ScheduledMessages {
  readonly #clock: Clock;
  readonly #onDue: (scheduled: KeptScheduled) => void;
  readonly #messages = new Map<number, Scheduled>();
  #cancelTimer: (() => void) | undefined;
  #timerDueAt = Number.POSITIVE_INFINITY;

  /** `onDue` gets each message when its time has come. */
  constructor(clock: Clock, onDue: (scheduled: KeptScheduled) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#messages.size;
  }

  get sizeInBytes(): number {
    return sizeOf(this.#queued());
  }

  /** Adds a message until its time. */
  add(scheduled: KeptScheduled): void {
    const { sequenceNumber, dueAt, enqueuedAt, arrival } = scheduled;
    const { content, hops } = arrival;
    const enqueueing = { sequenceNumber, enqueuedAt, hops };
    const queued: QueuedMessage = {
      message: new EnqueuedMessage(content, enqueueing),
      ttlInMs: content.ttlInMs,
      expiresAt: undefined,
      deadLetterSource: undefined,
      deliveryCount: 0,
      state: "scheduled",
    };
    this.#messages.set(sequenceNumber, { ...scheduled, queued });
    this.#arm(dueAt);
  }

  /** Takes messages back, all or none; false when one of them is not here. */
  cancel(sequenceNumbers: readonly number[]): boolean {
    if (sequenceNumbers.some((sequenceNumber) => !this.#messages.has(sequenceNumber))) {
      return false;
    }
    for (const sequenceNumber of sequenceNumbers) {
      this.#messages.delete(sequenceNumber);
    }
    return true;
  }

  /** Up to `limit` messages from a sequence number on. */
  peek(fromSequenceNumber: number, limit: number): readonly QueuedMessage[] {
    return firstOf(this.#queued(), { fromSequenceNumber, limit });
  }

  /** Forgets everything and stops the timer; the entity is gone. */
  close(): void {
    this.#messages.clear();
    this.#disarm();
  }

  #queued(): readonly QueuedMessage[] {
    return Array.from(this.#messages.values(), ({ queued }) => queued);
  }

  #arm(dueAt: number): void {
    if (dueAt >= this.#timerDueAt) {
      return;
    }
    this.#disarm();
    this.#timerDueAt = dueAt;
    this.#cancelTimer = this.#clock.schedule(dueAt - this.#clock.now(), () => {
      this.#disarm();
      this.#release();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerDueAt = Number.POSITIVE_INFINITY;
  }

  #release(): void {
    const now = this.#clock.now();
    const due = [...this.#messages].filter(([, { dueAt }]) => dueAt <= now);
    due.sort(([, one], [, other]) => one.dueAt - other.dueAt);
    for (const [sequenceNumber, scheduled] of due) {
      this.#messages.delete(sequenceNumber);
      this.#onDue(scheduled);
    }
    for (const { dueAt } of this.#messages.values()) {
      this.#arm(dueAt);
    }
  }
}
