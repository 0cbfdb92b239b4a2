import type { Clock } from "./clock.ts";

interface Lock<Value> {
  readonly value: Value;
  expiresAt: number;
}

/** How a lock table works. */
export interface LockTableOptions<Value> {
  readonly clock: Clock;
  /** How long a lock that is granted or renewed now will hold, in milliseconds. */
  durationInMs(): number;
  /** Hears of a lock that has run out; it is gone by then. */
  readonly onExpired: (key: string, value: Value) => void;
}

/**
 * Locks that run out: of messages under their tokens, or of sessions under their ids. All hold
 * equally long, so the map's order is the order of expiry and one timer serves the table. Only
 * after the duration was shortened the order is wrong until the longer locks are gone.
 */
export class LockTable<Value> {
  readonly #options: LockTableOptions<Value>;
  readonly #locks = new Map<string, Lock<Value>>();
  #cancelTimer: (() => void) | undefined;
  #timerDueAt = Number.POSITIVE_INFINITY;
  #latestExpiry = 0;
  /** Until then the map's order says nothing. */
  #disorderedUntil = 0;

  constructor(options: LockTableOptions<Value>) {
    this.#options = options;
  }

  get size(): number {
    return this.#locks.size;
  }

  /** What is under locks, also those that have just run out. */
  values(): readonly Value[] {
    return Array.from(this.#locks.values(), (lock) => lock.value);
  }

  /** Grants a lock on a key that is free or whose lock has run out; returns until when it holds, in broker time. */
  grant(key: string, value: Value): number {
    const expiresAt = this.#options.clock.now() + this.#options.durationInMs();
    if (expiresAt < this.#latestExpiry) {
      this.#disorderedUntil = this.#latestExpiry;
    }
    this.#latestExpiry = Math.max(this.#latestExpiry, expiresAt);
    this.#locks.delete(key);
    this.#locks.set(key, { value, expiresAt });
    this.#arm(expiresAt);
    return expiresAt;
  }

  /** The value under a lock that still holds. */
  get(key: string): Value | undefined {
    return this.#held(key)?.value;
  }

  /** Prolongs a lock from now on; undefined when it no longer holds. */
  renew(key: string): number | undefined {
    const lock = this.#held(key);
    if (lock === undefined) {
      return undefined;
    }
    this.#locks.delete(key);
    return this.grant(key, lock.value);
  }

  /** Gives a lock up; false when it no longer held. */
  release(key: string): boolean {
    const isHeld = this.#held(key) !== undefined;
    if (isHeld) {
      this.#locks.delete(key);
    }
    return isHeld;
  }

  /** Lets all locks run out now; returns how many there were. */
  expireAll(): number {
    const locks = [...this.#locks];
    this.#locks.clear();
    for (const [key, lock] of locks) {
      this.#options.onExpired(key, lock.value);
    }
    return locks.length;
  }

  /** Gives up all locks, without notice, and stops the timer. */
  clear(): void {
    this.#locks.clear();
    this.#disarm();
  }

  #held(key: string): Lock<Value> | undefined {
    const lock = this.#locks.get(key);
    return lock !== undefined && lock.expiresAt > this.#options.clock.now() ? lock : undefined;
  }

  /** Sees to it that a timer runs at this moment or before; it may be early, never late. */
  #arm(dueAt: number): void {
    if (dueAt >= this.#timerDueAt) {
      return;
    }
    this.#disarm();
    const { clock } = this.#options;
    this.#timerDueAt = dueAt;
    this.#cancelTimer = clock.schedule(dueAt - clock.now(), () => {
      this.#disarm();
      this.#expire();
      this.#arm(this.#nextExpiry());
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerDueAt = Number.POSITIVE_INFINITY;
  }

  /** When the next lock runs out; infinity when there is none. */
  #nextExpiry(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.#locks.values()) {
      earliest = Math.min(earliest, expiresAt);
      if (!this.#isDisordered()) {
        break;
      }
    }
    return earliest;
  }

  #isDisordered(): boolean {
    return this.#options.clock.now() < this.#disorderedUntil;
  }

  #expire(): void {
    const now = this.#options.clock.now();
    for (const [key, lock] of this.#locks) {
      if (lock.expiresAt <= now) {
        this.#locks.delete(key);
        this.#options.onExpired(key, lock.value);
      } else if (!this.#isDisordered()) {
        return;
      }
    }
  }
}
