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
  /** Whether the replica that this API is itself has been heard; true where it embeds no agent. */
  readonly isSelfHeard: () => boolean;
}

const RETRY_IN_MS = 500;
/** A fleet that never stops growing is ready after this many intervals. */
const MAX_INTERVALS = 3;
/** An agent that cannot reach the bus by then, though this process can, must not keep a fleet from being reset. */
const WAITS_FOR_SELF_IN_MS = 30_000;
const LOOKS_FOR_SELF_EVERY_IN_MS = 100;

/**
 * Keeps a coordinator from counting on half a roster: after a (re)connect it asks everybody to report, and is ready
 * one heartbeat interval after that was settled, once no new replica has shown up for half an interval and its own process
 * is among those heard.
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
    if (this.#settledInMs === null) {
      return intervalInMs;
    }
    const leftInMs = this.#settledInMs + intervalInMs - this.#options.clock.monotonicInMs();
    return leftInMs > 0 ? leftInMs : LOOKS_FOR_SELF_EVERY_IN_MS;
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
    const { clock, log, intervalInMs, lastJoinedInMs, isSelfHeard } = this.#options;
    const nowInMs = clock.monotonicInMs();
    const earliestInMs = settledInMs + intervalInMs();
    const quietInMs = (lastJoinedInMs() ?? Number.NEGATIVE_INFINITY) + intervalInMs() / 2;
    const latestInMs = settledInMs + MAX_INTERVALS * intervalInMs();
    const dueInMs = Math.min(latestInMs, Math.max(earliestInMs, quietInMs));
    const isDue = nowInMs >= dueInMs;
    const waitsForSelf = !isSelfHeard() && nowInMs < settledInMs + WAITS_FOR_SELF_IN_MS;
    if (isDue && !waitsForSelf) {
      this.#timer = null;
      this.#state = "ready";
      log.info("roster-ready", { warmed_ms: nowInMs - settledInMs, self_heard: isSelfHeard() });
    } else {
      const spanInMs = isDue ? LOOKS_FOR_SELF_EVERY_IN_MS : dueInMs - nowInMs;
      this.#timer = clock.after(spanInMs, () => this.#look(settledInMs));
    }
  }
}
