/** The record of a lock while it is held: plain JSON, whatever its owner keeps there. */
export interface HeldLock {
  /** Null when nothing was ever written; what it is has to be checked by the reader. */
  read(): Promise<unknown>;
  /**
   * Resolves when the broker has confirmed it.
   * @throws {RangeError} when the record is too large to be read again (16 KiB of JSON).
   */
  write(record: object | null): Promise<void>;
}

export interface WithLockOptions {
  /** Still contended after this span: {@link LockContendedError}. */
  readonly timeoutInMs: number;
  readonly abortSignal?: AbortSignal;
}

/** Mutual exclusion over all API replicas, one lock with one record for each name. Fails closed: no lock, no fault. */
export interface FleetLock {
  /**
   * Takes the lock, runs `use`, and gives the lock back behind the caller's back (the result does not wait for it).
   * @param name a fault, `halt`, or another name of 1 to 128 characters
   * @throws {LockContendedError} when somebody else holds it for longer than the timeout.
   * @throws {BusUnavailableError} when the bus cannot be reached.
   */
  withLock<T>(
    name: string,
    use: (held: HeldLock) => Promise<T>,
    options: WithLockOptions,
  ): Promise<T>;
}

/** Another API replica holds the lock: it is publishing right now. */
export class LockContendedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LockContendedError";
  }
}
