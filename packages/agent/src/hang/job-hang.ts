const FREE = 0;
const HELD = 1;

const STATE = 0;
const HAS_PROCESSORS = 1;
const STATE_BYTES = 8;

/**
 * Whether job processors may begin, in memory that both threads see: the agent's thread holds them and lets them go,
 * the application's thread looks. The end needs nobody: a moment that has passed holds no longer.
 */
export class JobHang {
  /** To be handed to the other thread; it outlives the agent's thread. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** In microseconds by the monotonic clock. */
  readonly #endsAt: BigInt64Array;

  constructor(shared = new SharedArrayBuffer(STATE_BYTES + BigInt64Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#words = new Int32Array(shared, 0, 2);
    this.#endsAt = new BigInt64Array(shared, STATE_BYTES, 1);
  }

  /** Whether the application has ever asked if it may begin a job. */
  get hasProcessors(): boolean {
    return Atomics.load(this.#words, HAS_PROCESSORS) === 1;
  }

  /** The application asks before it begins jobs: it can be held. */
  registerProcessors(): void {
    Atomics.store(this.#words, HAS_PROCESSORS, 1);
  }

  /** Holds jobs that are about to begin, until a moment of the monotonic clock. */
  hold(endsAtInMs: number): void {
    Atomics.store(this.#endsAt, 0, BigInt(Math.round(endsAtInMs * 1_000)));
    Atomics.store(this.#words, STATE, HELD);
  }

  /** Harmless when nothing is held. */
  end(): void {
    Atomics.store(this.#words, STATE, FREE);
  }

  isHolding(nowInMs: number): boolean {
    return (
      Atomics.load(this.#words, STATE) === HELD &&
      nowInMs * 1_000 < Number(Atomics.load(this.#endsAt, 0))
    );
  }
}
