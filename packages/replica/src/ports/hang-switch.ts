import type { ReplicaHangScope } from "@fleetquake/contract";

export interface HangOptions {
  readonly scope: ReplicaHangScope;
  /** By the machine's monotonic clock (`Clock.monotonicInMs`): the hang ends by itself at this moment. */
  readonly endsAtMonotonicInMs: number;
}

/** Lets this process's job processors, or its whole event loop, stand still until a moment or until it is released. */
export interface HangSwitch {
  /**
   * Begins a hang; one that runs already is replaced. Resolves when it is in effect.
   * @throws {FaultRefusedError} `NO_JOB_PROCESSOR` when the application has no processors that could be held.
   * @throws with code `LOOP_BLOCKED` when the event loop did not get round to it in time; nothing hangs then.
   */
  begin(options: HangOptions): Promise<void>;
  /** Ends the hang at once, also that of an event loop; resolves when it is gone. Idempotent. */
  release(): Promise<void>;
}
