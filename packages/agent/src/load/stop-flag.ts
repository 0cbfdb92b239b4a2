const RUNNING = 0;
const STOPPED = 1;

/** The end of a load, as all its threads see it at once, also one that never looks at its messages. */
export class StopFlag {
  /** To be handed to the threads. */
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#state = new Int32Array(shared);
  }

  get isRaised(): boolean {
    return Atomics.load(this.#state, 0) === STOPPED;
  }

  raise(): void {
    Atomics.store(this.#state, 0, STOPPED);
    Atomics.notify(this.#state, 0);
  }

  /** Blocks this thread until the flag is raised, or the span has passed. */
  wait(timeoutInMs: number): void {
    Atomics.wait(this.#state, 0, RUNNING, Math.max(0, timeoutInMs));
  }
}
