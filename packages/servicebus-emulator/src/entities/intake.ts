import { AmqpError } from "../amqp/amqp-error.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { type Arrival, firstArrival } from "./arrival.ts";
import type { KeptScheduled } from "./change.ts";
import type { Clock } from "./clock.ts";
import { DuplicateHistory } from "./duplicate-history.ts";
import type { EntityLog } from "./entity-log.ts";
import { ScheduledMessages } from "./scheduled-messages.ts";

/** What an intake leaves to its queue or topic. */
export interface IntakePolicy {
  readonly clock: Clock;
  /** Undefined when nothing is kept. */
  readonly log?: EntityLog | undefined;
  /** The window of the duplicate detection in milliseconds; undefined without one. */
  duplicateWindowInMs(): number | undefined;
  /** Takes a message whose time has come, under this number. */
  deliver(arrival: Arrival, sequenceNumber: number): void;
}

/** What an intake keeps over a restart. */
export interface KeptIntake {
  readonly lastSequenceNumber: number;
  readonly scheduled: Iterable<KeptScheduled>;
  /** Message ids with the moments of their first use, in milliseconds since 1970, oldest first. */
  readonly usedIds: Iterable<readonly [messageId: string, at: number]>;
}

/**
 * Where messages enter a queue or topic: numbers them, drops duplicates, and holds back what is
 * scheduled. A scheduled message gets a new number when its time has come, as in Service Bus.
 */
export class Intake {
  readonly scheduled: ScheduledMessages;
  readonly #policy: IntakePolicy;
  readonly #history = new DuplicateHistory();
  #lastSequenceNumber = 0;

  constructor(policy: IntakePolicy) {
    this.#policy = policy;
    this.scheduled = new ScheduledMessages(policy.clock, ({ sequenceNumber, arrival }) => {
      this.#policy.log?.({ kind: "unscheduled", sequenceNumber });
      this.#policy.deliver(arrival, this.nextSequenceNumber());
    });
  }

  nextSequenceNumber(): number {
    this.#lastSequenceNumber += 1;
    return this.#lastSequenceNumber;
  }

  /** Takes a message now, or at the time for which its sender has scheduled it. */
  take(arrival: Arrival): void {
    if (this.#isDuplicate(arrival.content)) {
      return;
    }
    const dueAt = arrival.content.scheduledAt;
    const sequenceNumber = this.nextSequenceNumber();
    if (dueAt !== undefined && dueAt > this.#policy.clock.now()) {
      this.#schedule(sequenceNumber, dueAt, arrival);
    } else {
      this.#policy.deliver(arrival, sequenceNumber);
    }
  }

  /** Schedules messages; returns their numbers, 0 for one that was dropped as a duplicate. */
  schedule(contents: readonly MessageContent[]): readonly number[] {
    const now = this.#policy.clock.now();
    return contents.map((content) => {
      if (this.#isDuplicate(content)) {
        return 0;
      }
      const sequenceNumber = this.nextSequenceNumber();
      this.#schedule(sequenceNumber, content.scheduledAt ?? now, firstArrival(content));
      return sequenceNumber;
    });
  }

  /** @throws AmqpError com.microsoft:message-not-found when one of them is not scheduled (any more). */
  cancel(sequenceNumbers: readonly number[]): void {
    if (!this.scheduled.cancel(sequenceNumbers)) {
      throw new AmqpError(
        "com.microsoft:message-not-found",
        `The scheduled message with sequence number ${sequenceNumbers.join(", ")} could not be found.`,
      );
    }
    for (const sequenceNumber of sequenceNumbers) {
      this.#policy.log?.({ kind: "unscheduled", sequenceNumber });
    }
  }

  /** Forgets message ids whose window is over. */
  sweep(): void {
    this.#forget(this.#policy.clock.now(), this.#policy.duplicateWindowInMs() ?? 0);
  }

  /** Goes on where it was before a restart. */
  restore({ lastSequenceNumber, scheduled, usedIds }: KeptIntake): void {
    this.#lastSequenceNumber = lastSequenceNumber;
    for (const [messageId, at] of usedIds) {
      this.#history.add(messageId, at);
    }
    for (const kept of scheduled) {
      this.scheduled.add(kept);
    }
  }

  close(): void {
    this.scheduled.close();
  }

  #isDuplicate(content: MessageContent): boolean {
    const windowInMs = this.#policy.duplicateWindowInMs();
    if (windowInMs === undefined) {
      return false;
    }
    const { messageId } = content.properties;
    if (messageId === undefined) {
      return false;
    }
    const now = this.#policy.clock.now();
    this.#forget(now, windowInMs);
    if (!this.#history.add(messageId, now)) {
      return true;
    }
    this.#policy.log?.({ kind: "id-used", messageId, at: now });
    return false;
  }

  #forget(now: number, windowInMs: number): void {
    if (this.#history.forget(now, windowInMs)) {
      this.#policy.log?.({ kind: "ids-forgotten", until: now - windowInMs });
    }
  }

  #schedule(sequenceNumber: number, dueAt: number, arrival: Arrival): void {
    const scheduled = { sequenceNumber, dueAt, arrival, enqueuedAt: this.#policy.clock.now() };
    this.scheduled.add(scheduled);
    this.#policy.log?.({ kind: "scheduled", scheduled });
  }
}
