import type { Clock } from "@fleetquake/contract";
import { pause } from "./within.ts";

/** A drain's time: what is left of it, and waits that end with it. */
export class DrainDeadline {
  readonly #clock: Clock;
  readonly #endInMs: number;

  constructor(clock: Clock, timeoutInMs: number) {
    this.#clock = clock;
    this.#endInMs = clock.monotonicInMs() + timeoutInMs;
  }

  leftInMs(): number {
    return Math.max(0, this.#endInMs - this.#clock.monotonicInMs());
  }

  get isOver(): boolean {
    return this.leftInMs() === 0;
  }

  async pause(spanInMs: number): Promise<void> {
    await pause(this.#clock, Math.min(spanInMs, this.leftInMs()));
  }
}
