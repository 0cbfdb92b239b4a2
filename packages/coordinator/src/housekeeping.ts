import type { Clock, Timer } from "@fleetquake/contract";

export interface HousekeepingOptions {
  readonly clock: Clock;
  /** Every second. */
  readonly onTick: () => void;
  /** This process stood still (suspended, or its event loop blocked) and heard nothing for a span. */
  readonly onGap: (spanInMs: number) => void;
}

const PERIOD_IN_MS = 1_000;
/** A pause of the event loop below this is everyday life. */
const GAP_FROM_IN_MS = 5_000;

/** Ticks once a second, and notices when this process itself was frozen. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: Timer | null = null;
  #lookedInMs: number;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#lookedInMs = options.clock.monotonicInMs();
  }

  start(): void {
    this.#lookedInMs = this.#options.clock.monotonicInMs();
    this.#arm();
  }

  /** Looks for a gap right now: a request may be read before the timer that is overdue too. */
  look(): void {
    const nowInMs = this.#options.clock.monotonicInMs();
    const spanInMs = nowInMs - this.#lookedInMs;
    this.#lookedInMs = nowInMs;
    if (spanInMs >= PERIOD_IN_MS + GAP_FROM_IN_MS) {
      this.#options.onGap(spanInMs);
    }
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(PERIOD_IN_MS, () => {
      this.#arm();
      this.look();
      this.#options.onTick();
    });
  }
}
