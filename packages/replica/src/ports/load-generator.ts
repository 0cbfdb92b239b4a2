import type { LoadLevel, LoadReport } from "@fleetquake/contract";

export interface LoadOptions {
  readonly level: LoadLevel;
  /** By the machine's monotonic clock (`Clock.monotonicInMs`): the load ends by itself at this moment. */
  readonly endsAtMonotonicInMs: number;
}

/** Burns processor time and holds memory in this process, never on the application's event loop. */
export interface LoadGenerator {
  /**
   * Begins a load; one that runs already is replaced. Resolves when it is in effect: memory touched, processor busy.
   * @throws {FaultRefusedError} `INSUFFICIENT_MEMORY` with the figures when the process's limits are too small for it.
   */
  start(options: LoadOptions): Promise<LoadReport>;
  /** Ends the load at once and gives its memory back; resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
}
