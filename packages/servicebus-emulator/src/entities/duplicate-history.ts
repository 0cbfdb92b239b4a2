/**
 * The ids of messages that an entity took within its window, to drop those that are sent again. An
 * id counts from its first use; a duplicate does not prolong it.
 */
export class DuplicateHistory {
  readonly #seenAt = new Map<string, number>();

  get size(): number {
    return this.#seenAt.size;
  }

  /** Notes an id; false when it was there already. Times are in milliseconds since 1970. */
  add(messageId: string, now: number): boolean {
    if (this.#seenAt.has(messageId)) {
      return false;
    }
    this.#seenAt.set(messageId, now);
    return true;
  }

  /** Drops the ids whose time is over. Returns whether there were any. */
  forget(now: number, windowInMs: number): boolean {
    const { size } = this.#seenAt;
    for (const [messageId, seenAt] of this.#seenAt) {
      if (seenAt + windowInMs > now) {
        break;
      }
      this.#seenAt.delete(messageId);
    }
    return this.#seenAt.size < size;
  }
}
