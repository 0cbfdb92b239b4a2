import type { Clock, Timer } from "../time/clock.ts";

interface Armed {
  readonly dueInMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it; timers fire in order of their due time. */
export class FakeClock implements Clock {
  #nowInMs: number;
  readonly #originInMs: number;
  #shiftInMs = 0;
  readonly #armed = new Set<Armed>();

  constructor(nowInMs = Date.UTC(2026, 0, 1)) {
    this.#nowInMs = nowInMs;
    this.#originInMs = nowInMs;
  }

  nowInMs(): number {
    return this.#nowInMs + this.#shiftInMs;
  }

  monotonicInMs(): number {
    return this.#nowInMs - this.#originInMs;
  }

  after(spanInMs: number, callback: () => void): Timer {
    const armed = { dueInMs: this.#nowInMs + Math.max(0, spanInMs), callback };
    this.#armed.add(armed);
    return { cancel: () => this.#armed.delete(armed) };
  }

  /** Sets the wall clock wrong by a span; the monotonic clock and timers do not notice. */
  shiftWallClock(byInMs: number): void {
    this.#shiftInMs += byInMs;
  }

  /** Moves time on and fires what becomes due; promises between two timers get their turn. */
  async advance(spanInMs: number): Promise<void> {
    const endInMs = this.#nowInMs + spanInMs;
    await settle();
    for (let next = this.#nextDue(endInMs); next !== undefined; next = this.#nextDue(endInMs)) {
      this.#armed.delete(next);
      this.#nowInMs = Math.max(this.#nowInMs, next.dueInMs);
      next.callback();
      await settle();
    }
    this.#nowInMs = endInMs;
    await settle();
  }

  /** How many timers are armed: none may be left after a close. */
  get armedTimers(): number {
    return this.#armed.size;
  }

  #nextDue(endInMs: number): Armed | undefined {
    let next: Armed | undefined;
    for (const armed of this.#armed) {
      if (armed.dueInMs <= endInMs && (next === undefined || armed.dueInMs < next.dueInMs)) {
        next = armed;
      }
    }
    return next;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
