/** How much of a rate may be made up for at once after a pause, in seconds. */
const MOST_MADE_UP_IN_S = 0.25;

/**
 * Turns a rate into portions. What cannot be handed out in time is made up for to a quarter of a second's worth;
 * the rest is withheld for good, so that no pause ends in a burst.
 */
export class Pacer {
  readonly #perSecond: number;
  #lastInMs: number;
  #credit = 0;
  #withheld = 0;

  constructor(perSecond: number, nowInMs: number) {
    this.#perSecond = perSecond;
    this.#lastInMs = nowInMs;
  }

  /** What the rate called for and was not handed out. */
  get withheld(): number {
    return Math.floor(this.#withheld);
  }

  /** The most that one portion can be. */
  get largestPortion(): number {
    return Math.max(1, Math.floor(this.#perSecond * MOST_MADE_UP_IN_S));
  }

  /** How many are due by now, `room` at most. Time is monotonic, in milliseconds. */
  take(nowInMs: number, room: number): number {
    this.#credit += ((nowInMs - this.#lastInMs) / 1_000) * this.#perSecond;
    this.#lastInMs = nowInMs;
    const portion = Math.max(0, Math.floor(Math.min(this.#credit, room, this.largestPortion)));
    this.#credit -= portion;
    const excess = this.#credit - this.largestPortion;
    if (excess > 0) {
      this.#credit -= excess;
      this.#withheld += excess;
    }
    return portion;
  }
}
