import type { Fault } from "@fleetquake/contract";

/** What the fleet remembers of the last accepted command of a fault; times are broker time, ms since 1970. */
export interface FaultRecord {
  readonly commandId: string;
  readonly epoch: number;
  readonly acceptedAtInMs: number;
  readonly collectingUntilInMs: number;
  readonly coolDownUntilInMs: number;
  /** The API instance that published it. */
  readonly issuer: string;
  readonly caller: string;
}

/** The record while the lock is held. */
export interface HeldFaultLock {
  /** Null when no command of this fault was ever accepted. */
  read(): Promise<FaultRecord | null>;
  /** Resolves when the broker has confirmed it. */
  write(record: FaultRecord | null): Promise<void>;
}

export interface WithLockOptions {
  /** Still contended after this span: {@link LockContendedError}. */
  readonly timeoutInMs: number;
  readonly abortSignal?: AbortSignal;
}

/** Mutual exclusion over all API replicas, one lock for each fault. Fails closed: no lock, no fault. */
export interface FleetLock {
  /**
   * Takes the lock, runs `use`, and gives the lock back behind the caller's back (the result does not wait for it).
   * @throws {LockContendedError} when somebody else holds it for longer than the timeout.
   * @throws {BusUnavailableError} when the bus cannot be reached.
   */
  withLock<T>(
    fault: Fault,
    use: (held: HeldFaultLock) => Promise<T>,
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
