/** Something whose output is gathered during a turn of the event loop and written at its end. */
export interface Flushable {
  flush(): void;
}

/** Well below the 40 ms for which a kernel delays an ACK. */
const laterInMs = 5;

/**
 * Writes the output of all connections once per turn of the event loop, after the input of every
 * readable socket has been handled: what five hundred peers send in one turn to one receiver
 * leaves in one write.
 */
export class FlushQueue {
  #waiting: Flushable[] = [];
  #isScheduled = false;
  #waitingLater: Flushable[] = [];

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

  /** Asks for one `flush` a little later, when a burst is over; the caller asks once until then. */
  addLater(flushable: Flushable): void {
    if (this.#waitingLater.length === 0) {
      setTimeout(() => {
        this.#waiting.push(...this.#waitingLater);
        this.#waitingLater = [];
        this.#flushAll();
      }, laterInMs);
    }
    this.#waitingLater.push(flushable);
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
