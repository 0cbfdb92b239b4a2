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
  add(messageId: string, now: number, windowInMs: number): boolean {
    this.forget(now, windowInMs);
    if (this.#seenAt.has(messageId)) {
      return false;
    }
    this.#seenAt.set(messageId, now);
    return true;
  }

  /** Drops the ids whose time is over. */
  forget(now: number, windowInMs: number): void {
    for (const [messageId, seenAt] of this.#seenAt) {
      if (seenAt + windowInMs > now) {
        return;
      }
      this.#seenAt.delete(messageId);
    }
  }
}
