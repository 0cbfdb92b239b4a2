import { isExpired } from "./message-list.ts";
import type { QueuedMessage } from "./queued-message.ts";

/** Messages that a receiver has put aside: only who knows their sequence numbers gets them. */
export class DeferredMessages {
  readonly #messages = new Map<number, QueuedMessage>();

  get size(): number {
    return this.#messages.size;
  }

  /** All of them, in no order. */
  values(): readonly QueuedMessage[] {
    return [...this.#messages.values()];
  }

  put(queued: QueuedMessage): void {
    this.#messages.set(queued.message.sequenceNumber, queued);
  }

  /** Takes messages, all or none; undefined when one of them is not here. */
  take(sequenceNumbers: readonly number[]): readonly QueuedMessage[] | undefined {
    const taken = new Map<number, QueuedMessage>();
    for (const sequenceNumber of sequenceNumbers) {
      const queued = this.#messages.get(sequenceNumber);
      if (queued === undefined) {
        return undefined;
      }
      taken.set(sequenceNumber, queued);
    }
    for (const sequenceNumber of taken.keys()) {
      this.#messages.delete(sequenceNumber);
    }
    return [...taken.values()];
  }

  /**
   * Takes those of the named messages whose time to live is over. Service Bus looks at the expiry of
   * a deferred message when somebody asks for it, not before.
   */
  takeExpired(sequenceNumbers: readonly number[], now: number): readonly QueuedMessage[] {
    return sequenceNumbers.flatMap((sequenceNumber) => {
      const queued = this.#messages.get(sequenceNumber);
      if (queued === undefined || !isExpired(queued, now)) {
        return [];
      }
      this.#messages.delete(sequenceNumber);
      return [queued];
    });
  }
}
