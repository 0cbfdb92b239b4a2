const OPEN = 0;
const TAKEN = 1;
const CANCELLED = 2;

/**
 * Who may execute a close: the application's thread takes the claim before it begins, the agent's thread cancels it when
 * the command expires, and only one of them can succeed. So nothing is executed after its expiry because a busy loop got
 * round to it late, and nothing twice.
 */
export class CloseClaim {
  /** To be handed to the other thread. */
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#state = new Int32Array(shared);
  }

  /** Whether nobody has taken or cancelled it so far. */
  get isOpen(): boolean {
    return Atomics.load(this.#state, 0) === OPEN;
  }

  /** @returns false when it was taken or cancelled before. */
  take(): boolean {
    return this.#settle(TAKEN);
  }

  /** @returns false when it was taken or cancelled before. */
  cancel(): boolean {
    return this.#settle(CANCELLED);
  }

  #settle(state: number): boolean {
    return Atomics.compareExchange(this.#state, 0, OPEN, state) === OPEN;
  }
}
