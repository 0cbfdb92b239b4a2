import type { QueuedMessage } from "./queued-message.ts";

/** Messages in the order of their sequence numbers. Adding at the end and taking from the front are cheap. */
export class MessageList {
  #items: QueuedMessage[] = [];
  #head = 0;
  /** No message expires before this moment. */
  #earliestExpiry = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): QueuedMessage | undefined {
    return this.#items[this.#head];
  }

  values(): readonly QueuedMessage[] {
    return this.#items.slice(this.#head);
  }

  /** Adds a message at its place: new ones at the end, returned ones usually at the front. */
  insert(queued: QueuedMessage): void {
    this.#earliestExpiry = Math.min(this.#earliestExpiry, queued.expiresAt ?? Infinity);
    const sequenceNumber = queued.message.sequenceNumber;
    const last = this.#items.at(-1);
    if (this.size === 0 || last === undefined || last.message.sequenceNumber < sequenceNumber) {
      this.#items.push(queued);
      return;
    }
    this.#items.splice(this.#placeOf(sequenceNumber), 0, queued);
  }

  shift(): QueuedMessage | undefined {
    const first = this.#items[this.#head];
    if (first === undefined) {
      return undefined;
    }
    this.#head += 1;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }

  /** Takes the newest message. */
  pop(): QueuedMessage | undefined {
    return this.size === 0 ? undefined : this.#items.pop();
  }

  /** Takes out every message that has expired by `now`. */
  takeExpired(now: number): readonly QueuedMessage[] {
    if (now < this.#earliestExpiry) {
      return [];
    }
    const all = this.#items.slice(this.#head);
    const alive = all.filter((queued) => !isExpired(queued, now));
    this.#items = alive;
    this.#head = 0;
    this.#earliestExpiry = alive.reduce(
      (earliest, queued) => Math.min(earliest, queued.expiresAt ?? Infinity),
      Number.POSITIVE_INFINITY,
    );
    return alive.length === all.length ? [] : all.filter((queued) => isExpired(queued, now));
  }

  /** Up to `limit` messages from a sequence number on, left where they are. */
  peek(fromSequenceNumber: number, limit: number): readonly QueuedMessage[] {
    const start = this.#placeOf(fromSequenceNumber);
    return this.#items.slice(start, start + limit);
  }

  /** The index of the first message with at least this sequence number. */
  #placeOf(sequenceNumber: number): number {
    let low = this.#head;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.#items[middle];
      if (candidate !== undefined && candidate.message.sequenceNumber < sequenceNumber) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

/** True when a message's time to live is over. */
export function isExpired(queued: QueuedMessage, now: number): boolean {
  return queued.expiresAt !== undefined && queued.expiresAt <= now;
}
