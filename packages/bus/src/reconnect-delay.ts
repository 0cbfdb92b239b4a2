const SHORTEST_IN_MS = 100;
const LONGEST_IN_MS = 1_000;

/** A connection that lived as long was a good one: the next begins again with the shortest delay. */
const GOOD_LIFE_IN_MS = 5_000;

/** How long to wait before the next attempt to connect: 100 ms growing to 1 s, with jitter, so that a fleet spreads. */
export class ReconnectDelay {
  readonly #random: () => number;
  #nextInMs = SHORTEST_IN_MS;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Between half of the delay and all of it. `livedInMs` is how long the last connection was good; 0 if it never was. */
  next(livedInMs: number): number {
    if (livedInMs >= GOOD_LIFE_IN_MS) {
      this.#nextInMs = SHORTEST_IN_MS;
    }
    const delayInMs = this.#nextInMs;
    this.#nextInMs = Math.min(LONGEST_IN_MS, delayInMs * 2);
    return delayInMs * (0.5 + this.#random() / 2);
  }
}
