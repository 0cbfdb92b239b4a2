import type { Clock, Log, Timer } from "@fleetquake/contract";

export interface WarmingOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Asks the whole fleet to report; rejects when that was not settled. */
  readonly publishRollCall: () => Promise<void>;
  /** The heartbeat interval that the fleet is asked for at this moment. */
  readonly intervalInMs: () => number;
  /** When an unknown instance was last heard of, by the monotonic clock. */
  readonly lastJoinedInMs: () => number | null;
}

const RETRY_IN_MS = 500;
/** A fleet that never stops growing is ready after this many intervals. */
const MAX_INTERVALS = 3;

/**
 * Keeps a coordinator from counting on half a roster: after a (re)connect it asks everybody to report, and is ready
 * one heartbeat interval after that was settled and once no new replica has shown up for half an interval.
 */
export class Warming {
  readonly #options: WarmingOptions;
  /** Grows with every beginning, so that what an earlier one still awaits changes nothing. */
  #generation = 0;
  #state: "warming" | "ready" = "warming";
  #settledInMs: number | null = null;
  #timer: Timer | null = null;

  constructor(options: WarmingOptions) {
    this.#options = options;
  }

  get state(): "warming" | "ready" {
    return this.#state;
  }

  /** The bus is connected (again): asks everybody, and starts to count. */
  async begin(): Promise<void> {
    this.suspend();
    await this.#ask(this.#generation);
  }

  /** Nothing can be heard: not ready, and nothing under way until the next beginning. */
  suspend(): void {
    this.#generation += 1;
    this.#timer?.cancel();
    this.#timer = null;
    this.#state = "warming";
    this.#settledInMs = null;
  }

  /** When it can be ready at the earliest, in milliseconds from now. */
  retryAfterInMs(): number {
    const intervalInMs = this.#options.intervalInMs();
    return this.#settledInMs === null
      ? intervalInMs
      : this.#settledInMs + intervalInMs - this.#options.clock.monotonicInMs();
  }

  async #ask(generation: number): Promise<void> {
    const { clock, log, publishRollCall, intervalInMs } = this.#options;
    try {
      await publishRollCall();
    } catch (error) {
      if (generation === this.#generation) {
        log.warn("roll-call-failed", { error });
        this.#timer = clock.after(RETRY_IN_MS, () => void this.#ask(generation));
      }
      return;
    }
    if (generation === this.#generation) {
      const settledInMs = clock.monotonicInMs();
      this.#settledInMs = settledInMs;
      this.#timer = clock.after(intervalInMs(), () => this.#look(settledInMs));
    }
  }

  #look(settledInMs: number): void {
    const { clock, log, intervalInMs, lastJoinedInMs } = this.#options;
    const nowInMs = clock.monotonicInMs();
    const earliestInMs = settledInMs + intervalInMs();
    const quietInMs = (lastJoinedInMs() ?? Number.NEGATIVE_INFINITY) + intervalInMs() / 2;
    const latestInMs = settledInMs + MAX_INTERVALS * intervalInMs();
    const dueInMs = Math.min(latestInMs, Math.max(earliestInMs, quietInMs));
    if (nowInMs >= dueInMs) {
      this.#timer = null;
      this.#state = "ready";
      log.info("roster-ready", { warmedForMs: nowInMs - settledInMs });
    } else {
      this.#timer = clock.after(dueInMs - nowInMs, () => this.#look(settledInMs));
    }
  }
}
