import type { Clock } from "@fleetquake/contract/plain";

const NONE = 0;
const REQUESTED = 1;
const HANGING = 2;
const OVER = 3;

const STATE_BYTES = 8;
const BEGINS_BY = 0;
const ENDS_AT = 1;
const MOMENTS = 2;

/** How a hang of the event loop stands: not asked for (or withdrawn), asked for, in effect, or in effect once. */
export type LoopHangState = "none" | "requested" | "hanging" | "over";

/** Moments by the monotonic clock, in milliseconds. */
export interface LoopHangRequest {
  /** What has not begun by then never begins. */
  readonly beginsByInMs: number;
  readonly endsAtInMs: number;
}

/**
 * A hang of the application's event loop, in memory that both threads see. The agent's thread asks for it; the
 * application's thread takes the request and blocks in `Atomics.wait` until the end, or until it is woken. Only one of
 * taking and withdrawing can succeed, so that nothing hangs after it was given up; and the end comes by the wait's own
 * timeout, also when the agent's thread is dead by then.
 */
export class LoopHang {
  /** To be handed to the other thread; it outlives the agent's thread. */
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;
  /** In microseconds: whole numbers can be read and written in one go. */
  readonly #moments: BigInt64Array;

  constructor(
    shared = new SharedArrayBuffer(STATE_BYTES + MOMENTS * BigInt64Array.BYTES_PER_ELEMENT),
  ) {
    this.shared = shared;
    this.#state = new Int32Array(shared, 0, 1);
    this.#moments = new BigInt64Array(shared, STATE_BYTES, MOMENTS);
  }

  get state(): LoopHangState {
    switch (Atomics.load(this.#state, 0)) {
      case REQUESTED:
        return "requested";
      case HANGING:
        return "hanging";
      case OVER:
        return "over";
      default:
        return "none";
    }
  }

  /** Asks for a hang; the one before has to be ended. The application's thread must be told to look. */
  request({ beginsByInMs, endsAtInMs }: LoopHangRequest): void {
    this.#setMoment(BEGINS_BY, beginsByInMs);
    this.#setMoment(ENDS_AT, endsAtInMs);
    Atomics.store(this.#state, 0, REQUESTED);
  }

  /** @returns false when there is no request any more: the hang has begun, perhaps ended too. */
  withdraw(): boolean {
    return this.#change(REQUESTED, NONE);
  }

  /** Withdraws what is asked for, and ends what hangs, at once. Harmless when there is neither. */
  end(): void {
    if (!this.withdraw() && this.#change(HANGING, OVER)) {
      Atomics.notify(this.#state, 0);
    }
  }

  /** Blocks this thread until the hang is over, if one is asked for and its time to begin has not passed. */
  block(clock: Clock): void {
    if (clock.monotonicInMs() >= this.#moment(BEGINS_BY)) {
      this.withdraw();
      return;
    }
    if (!this.#change(REQUESTED, HANGING)) {
      return;
    }
    const endsAtInMs = this.#moment(ENDS_AT);
    let leftInMs = endsAtInMs - clock.monotonicInMs();
    while (leftInMs > 0 && Atomics.load(this.#state, 0) === HANGING) {
      Atomics.wait(this.#state, 0, HANGING, leftInMs);
      leftInMs = endsAtInMs - clock.monotonicInMs();
    }
    this.#change(HANGING, OVER);
  }

  #change(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#state, 0, from, to) === from;
  }

  #moment(which: number): number {
    return Number(Atomics.load(this.#moments, which)) / 1_000;
  }

  #setMoment(which: number, atInMs: number): void {
    Atomics.store(this.#moments, which, BigInt(Math.round(atInMs * 1_000)));
  }
}
