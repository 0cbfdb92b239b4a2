import type { Clock, Timer } from "@fleetquake/contract";

/** What waits at most. A fleet of 500 tells some 1,500 things of one reset. */
const CAPACITY = 5_000;
/** What is told of a reset waits until most resets are over, in every process: it takes the processors that they need. */
const DELAY_IN_MS = 200;
/** What is done without a pause: at some 40 µs each about a millisecond. */
const AT_ONCE = 32;

export interface PacedQueueOptions {
  readonly clock: Clock;
  /** @default 5000 */
  readonly capacity?: number;
}

/**
 * Does small things later and a few at a time, so that whoever asks for them waits for none: the answer to a reset goes
 * out before anybody is told of it. Bounded: what comes while it is full is dropped and counted.
 */
export class PacedQueue {
  readonly #waiting: (() => void)[] = [];
  readonly #clock: Clock;
  readonly #capacity: number;
  #dropped = 0;
  #next: Timer | null = null;

  constructor({ clock, capacity = CAPACITY }: PacedQueueOptions) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** How many were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param task must not throw */
  push(task: () => void): void {
    if (this.#waiting.length >= this.#capacity) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(task);
    this.#next ??= this.#clock.after(DELAY_IN_MS, () => this.#run());
  }

  /** Does everything that waits, at once. */
  drain(): void {
    this.#next?.cancel();
    this.#next = null;
    this.#do(this.#waiting.length);
  }

  #run(): void {
    this.#next = null;
    this.#do(AT_ONCE);
    if (this.#waiting.length > 0) {
      this.#next ??= this.#clock.after(1, () => this.#run());
    }
  }

  #do(count: number): void {
    for (const task of this.#waiting.splice(0, count)) {
      task();
    }
  }
}
