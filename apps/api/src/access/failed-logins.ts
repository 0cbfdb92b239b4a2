import type { Clock } from "@fleetquake/contract";
import { addressBlock } from "./address-block.ts";

const WINDOW_IN_MS = 60_000;
const FAILURES_PER_WINDOW = 10;
/** Beyond it the address that began first is forgotten: memory stays bounded whoever calls. */
const MAX_ADDRESSES = 10_000;

interface Failures {
  readonly sinceInMs: number;
  count: number;
}

/**
 * Counts refused credentials by address: ten in a minute are answered with what was wrong, later ones are told to
 * wait. A good credential is not asked for its address: behind a proxy all callers have one, and whoever sends nonsense
 * must not lock the others out. Guessing a key of 256 bits is hopeless anyway; this keeps it quiet and visible.
 */
export class FailedLogins {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one; returns how long its address must wait now, in milliseconds: 0 while it may go on. */
  record(remoteAddress: string): number {
    const address = addressBlock(remoteAddress);
    const nowInMs = this.#clock.monotonicInMs();
    const known = this.#failures.get(address);
    if (known === undefined || nowInMs - known.sinceInMs >= WINDOW_IN_MS) {
      this.#begin(address, nowInMs);
      return 0;
    }
    known.count += 1;
    return known.count > FAILURES_PER_WINDOW ? WINDOW_IN_MS - (nowInMs - known.sinceInMs) : 0;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  #begin(address: string, nowInMs: number): void {
    // Deleted first, so that the order of the map is the order in which the windows began.
    this.#failures.delete(address);
    this.#failures.set(address, { sinceInMs: nowInMs, count: 1 });
    if (this.#failures.size > MAX_ADDRESSES) {
      const [oldest] = this.#failures.keys();
      this.#failures.delete(oldest ?? "");
    }
  }
}
