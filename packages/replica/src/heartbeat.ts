import type { Clock, Timer } from "@fleetquake/contract";

/** Bounds on the interval that the bus may ask for: no message may turn a replica into a flood, or mute it. */
const SHORTEST_IN_MS = 100;
const LONGEST_IN_MS = 300_000;

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly intervalInMs: number;
  /** Sends one heartbeat; must not reject and must end within the interval. */
  readonly beat: () => Promise<unknown>;
  /** A number from 0 to 1: replicas that started together do not beat together. */
  readonly random: () => number;
}

/** Calls `beat` once per interval; while one is under way none is started. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #intervalInMs: number;
  #timer: Timer | undefined;
  #isBeating = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#intervalInMs = clamp(options.intervalInMs);
  }

  get intervalInMs(): number {
    return this.#intervalInMs;
  }

  start(): void {
    this.#arm(this.#intervalInMs * (0.5 + this.#options.random() / 2));
  }

  /** Keeps another interval from now on; it is kept within 100 ms and 5 minutes. */
  setInterval(intervalInMs: number): void {
    const wanted = clamp(intervalInMs);
    if (wanted !== this.#intervalInMs) {
      this.#intervalInMs = wanted;
      if (this.#timer !== undefined) {
        this.start();
      }
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(spanInMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(spanInMs, () => {
      this.#arm(this.#intervalInMs);
      if (!this.#isBeating) {
        this.#isBeating = true;
        void this.#options.beat().finally(() => {
          this.#isBeating = false;
        });
      }
    });
  }
}

function clamp(intervalInMs: number): number {
  return Math.min(Math.max(intervalInMs, SHORTEST_IN_MS), LONGEST_IN_MS);
}
