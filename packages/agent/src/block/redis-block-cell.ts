import type { BlockMode, Clock } from "@fleetquake/contract";
import type { RedisBlockOptions } from "@fleetquake/replica";

/** The mode stands in the two lowest bits of the rule, the end above them; 0 is no rule. */
const MODE_BITS = 2n;
const MODE_MASK = 3n;
const MODE_NUMBERS = { refuse: 1n, drop: 2n } as const satisfies Record<BlockMode, bigint>;
const NO_RULE = 0n;

const RULE_BYTES = BigInt64Array.BYTES_PER_ELEMENT;
const BYTES = RULE_BYTES + BigInt64Array.BYTES_PER_ELEMENT;

export interface RedisBlockCellOptions {
  /** Its monotonic clock must have one origin in all threads, as `systemClock` has. */
  readonly clock: Clock;
  /** Memory of a cell in another thread; default: a cell of its own, without a block. */
  readonly shared?: SharedArrayBuffer;
}

/**
 * The block that stands in a process, in memory that its threads share: the agent's thread begins and ends a block
 * while the application's event loop hangs, and the next connection meets it.
 *
 * Mode and end are one 64-bit word, so that no reader sees one without the other. Nobody has to end a block: a reader
 * compares its end with the clock.
 */
export class RedisBlockCell {
  /** To be handed to another thread. */
  readonly shared: SharedArrayBuffer;
  readonly #clock: Clock;
  readonly #rule: BigInt64Array;
  readonly #guards: Int32Array;

  constructor({ clock, shared = new SharedArrayBuffer(BYTES) }: RedisBlockCellOptions) {
    this.shared = shared;
    this.#clock = clock;
    this.#rule = new BigInt64Array(shared, 0, 1);
    this.#guards = new Int32Array(shared, RULE_BYTES, 1);
  }

  /** What happens to new connections at this moment; null: no block stands. */
  get mode(): BlockMode | null {
    const rule = Atomics.load(this.#rule, 0);
    if (rule === NO_RULE) {
      return null;
    }
    if (this.#clock.monotonicInMs() >= Number(rule >> MODE_BITS)) {
      // From now on a look costs no clock; a block that has begun meanwhile stays.
      Atomics.compareExchange(this.#rule, 0, rule, NO_RULE);
      return null;
    }
    return (rule & MODE_MASK) === MODE_NUMBERS.drop ? "drop" : "refuse";
  }

  /** Begins a block, or replaces the one that stands; its end counts in whole milliseconds, rounded up. */
  begin({ mode, endsAtMonotonicInMs }: RedisBlockOptions): void {
    const endInMs = Math.min(Math.ceil(endsAtMonotonicInMs), Number.MAX_SAFE_INTEGER);
    Atomics.store(this.#rule, 0, (BigInt(endInMs) << MODE_BITS) | MODE_NUMBERS[mode]);
  }

  /** Ends the block that stands; harmless without one. */
  end(): void {
    Atomics.store(this.#rule, 0, NO_RULE);
  }

  /** Whether somebody holds the connections of the process to what stands here. */
  get isGuarded(): boolean {
    return Atomics.load(this.#guards, 0) > 0;
  }

  /** Tells that somebody does. @returns takes it back; to be called once. */
  guard(): () => void {
    Atomics.add(this.#guards, 0, 1);
    return () => void Atomics.sub(this.#guards, 0, 1);
  }
}
