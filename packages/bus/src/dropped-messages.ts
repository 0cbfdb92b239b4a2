import type { Clock, Log } from "@fleetquake/contract";

/** A flood of bad messages is one line of the log for each span. */
const LOG_INTERVAL_IN_MS = 5_000;

export interface DroppedMessagesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly source: string;
}

/** Counts the messages that did not fit, and says so without flooding the log. */
export class DroppedMessages {
  readonly #options: DroppedMessagesOptions;
  #total = 0;
  #unreported = 0;
  #quietUntilInMs = 0;

  constructor(options: DroppedMessagesOptions) {
    this.#options = options;
  }

  /** All that were dropped since the start. */
  get total(): number {
    return this.#total;
  }

  record(reason: string): void {
    this.#total += 1;
    this.#unreported += 1;
    const { clock, log, source } = this.#options;
    const nowInMs = clock.monotonicInMs();
    if (nowInMs < this.#quietUntilInMs) {
      return;
    }
    log.warn("bus-message-dropped", {
      source,
      reason,
      count: this.#unreported,
      total: this.#total,
    });
    this.#unreported = 0;
    this.#quietUntilInMs = nowInMs + LOG_INTERVAL_IN_MS;
  }
}
