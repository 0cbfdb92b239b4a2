import type { Clock } from "./clock.ts";
import { roundSpan } from "./round-span.ts";

/** How many deliveries the offset is taken from. */
const WINDOW = 64;

/**
 * The broker's clock as one process sees it.
 *
 * Machines disagree about the time, the broker stamps every message: the smallest difference between the local
 * monotonic clock and the stamp over recent deliveries is their offset plus the fastest delivery. The monotonic
 * clock, because a wall clock that is set right in mid-flight would make every command look minutes old.
 */
export class BrokerTime {
  readonly #clock: Clock;
  readonly #differencesInMs: number[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a delivery's enqueued time (broker clock, ms since 1970) into account, at the moment of its arrival. */
  observe(enqueuedAtInMs: number): void {
    this.#differencesInMs[this.#next] = this.#clock.monotonicInMs() - enqueuedAtInMs;
    this.#next = (this.#next + 1) % WINDOW;
  }

  /** Local wall clock minus broker clock in milliseconds; null until a delivery was observed. */
  offsetInMs(): number | null {
    return this.#differencesInMs.length === 0
      ? null
      : roundSpan(this.#clock.nowInMs() - this.nowInMs());
  }

  /** How far the recent deliveries lie apart: the offset is no better than this. 0 until two were observed. */
  uncertaintyInMs(): number {
    if (this.#differencesInMs.length < 2) {
      return 0;
    }
    const sorted = this.#differencesInMs.toSorted((a, b) => a - b);
    return (sorted[Math.floor(sorted.length / 2)] ?? 0) - (sorted[0] ?? 0);
  }

  /** Now by the broker's clock, ms since 1970; by the local clock until a delivery was observed. */
  nowInMs(): number {
    return this.#differencesInMs.length === 0
      ? this.#clock.nowInMs()
      : this.#clock.monotonicInMs() - Math.min(...this.#differencesInMs);
  }

  /** Now by the broker's clock as the contract's timestamp. */
  timestamp(): string {
    return new Date(this.nowInMs()).toISOString();
  }
}
