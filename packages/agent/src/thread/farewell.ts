const OPEN = 0;
const SAID = 1;

/** The moment between `exit` and the end of a process, in which the agent's thread says goodbye. */
export class Farewell {
  /** To be handed to the agent's thread. */
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#state = new Int32Array(shared);
  }

  /** Blocks this thread until the goodbye is said, or the span has passed. */
  wait(timeoutInMs: number): void {
    Atomics.wait(this.#state, 0, OPEN, timeoutInMs);
  }

  /** The goodbye is said, or nobody can hear it: the process may end. */
  done(): void {
    Atomics.store(this.#state, 0, SAID);
    Atomics.notify(this.#state, 0);
  }
}
