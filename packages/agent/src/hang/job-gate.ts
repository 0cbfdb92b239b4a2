import type { Clock } from "@fleetquake/contract/plain";
import { pause } from "../sockets/within.ts";
import type { JobHang } from "./job-hang.ts";

/** So late at most do jobs notice that they may go on; nobody has to be alive to tell them. */
const LOOK_EVERY_IN_MS = 20;

/** Where the application's job processors wait while a hang of scope `jobs` stands. */
export class JobGate {
  readonly #hang: JobHang;
  readonly #clock: Clock;
  #waiting: Promise<void> | undefined;

  constructor(hang: JobHang, clock: Clock) {
    this.#hang = hang;
    this.#clock = clock;
  }

  /** Resolves at once, or when the hang is over; never rejects, and keeps no process alive. */
  untilOpen(): Promise<void> {
    this.#hang.registerProcessors();
    // All wait for one and the same look, however many there are.
    this.#waiting ??= this.#isOpen() ? undefined : this.#wait();
    return this.#waiting ?? Promise.resolve();
  }

  async #wait(): Promise<void> {
    while (!this.#isOpen()) {
      await pause(this.#clock, LOOK_EVERY_IN_MS);
    }
    this.#waiting = undefined;
  }

  #isOpen(): boolean {
    return !this.#hang.isHolding(this.#clock.monotonicInMs());
  }
}
