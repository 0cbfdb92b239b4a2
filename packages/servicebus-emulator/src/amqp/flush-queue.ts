/** Something whose output is gathered during a turn of the event loop and written at its end. */
export interface Flushable {
  flush(): void;
}

/**
 * Writes the output of all connections once per turn of the event loop, after the input of every
 * readable socket has been handled: what five hundred peers send in one turn to one receiver
 * leaves in one write.
 */
export class FlushQueue {
  #waiting: Flushable[] = [];
  #isScheduled = false;

  /** Asks for one `flush` at the end of this turn; the caller asks once until it is flushed. */
  add(flushable: Flushable): void {
    this.#waiting.push(flushable);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#flushAll();
      });
    }
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isScheduled = false;
    for (const flushable of waiting) {
      flushable.flush();
    }
  }
}
