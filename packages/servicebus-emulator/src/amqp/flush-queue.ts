/** Something whose output is gathered during a turn of the event loop and written at its end. */
export interface Flushable {
  /** Writes it; `isKept` is false when what it speaks of could not be kept, so that it must not be said. */
  flush(isKept: boolean): void;
}

/** Well below the 40 ms for which a kernel delays an ACK. */
const laterInMs = 5;

/**
 * Writes the output of all connections once per turn of the event loop, after the input of every
 * readable socket has been handled: what five hundred peers send in one turn to one receiver
 * leaves in one write. Before that, all that happened in the turn is kept, where there is a place for it.
 */
export class FlushQueue {
  #waiting: Flushable[] = [];
  #isScheduled = false;
  #waitingLater: Flushable[] = [];
  readonly #commit: (() => boolean) | undefined;
  /** A commit has failed in this turn. */
  #isLost = false;

  /** `commit` keeps what has happened so far; it returns false when it could not. */
  constructor(commit?: () => boolean) {
    this.#commit = commit;
  }

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

  /** Writes one output before the end of the turn. */
  flushNow(flushable: Flushable): void {
    const isKept = this.#commit?.() !== false;
    // Who waits for the end of the turn may speak of the same.
    this.#isLost ||= !isKept && this.#waiting.length > 0;
    flushable.flush(isKept);
  }

  /** Waits for the end of the turn: whether all that happened until then is kept. */
  async kept(): Promise<boolean> {
    if (this.#commit === undefined) {
      return true;
    }
    return await new Promise((resolve) => {
      this.add({ flush: resolve });
    });
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isScheduled = false;
    const isKept = this.#commit?.() !== false && !this.#isLost;
    this.#isLost = false;
    for (const flushable of waiting) {
      flushable.flush(isKept);
    }
  }
}
