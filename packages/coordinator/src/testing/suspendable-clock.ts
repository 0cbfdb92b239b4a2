import { FakeClock } from "@fleetquake/contract/testing";

/** A clock whose process can stand still: time passes and no timer fires before it goes on. */
export class SuspendableClock extends FakeClock {
  #stoodStillForInMs = 0;

  /** Lets time pass as it does for a process that is suspended. */
  skip(spanInMs: number): void {
    this.#stoodStillForInMs += spanInMs;
  }

  override nowInMs(): number {
    return super.nowInMs() + this.#stoodStillForInMs;
  }

  override monotonicInMs(): number {
    return super.monotonicInMs() + this.#stoodStillForInMs;
  }
}
