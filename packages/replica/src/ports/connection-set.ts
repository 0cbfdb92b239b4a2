import type { CloseReport, RedisState } from "@fleetquake/contract";

export interface CloseOptions {
  readonly commandId: string;
  /** true: cut at once. false: drain up to `drainTimeoutInMs`, then cut. */
  readonly force: boolean;
  readonly drainTimeoutInMs: number;
  /** Whether the report names the addresses of what was closed. @default false */
  readonly reportsAddresses?: boolean;
  /** By the machine's monotonic clock (`Clock.monotonicInMs`): not started by then = {@link CloseExpiredError}. */
  readonly expiresAtMonotonicInMs: number;
  /**
   * Called at most once, with the moment (monotonic clock) at which the last connection was closed: what the report
   * still has to find out afterwards takes milliseconds that are no part of the reset.
   */
  readonly onClosed?: (atMonotonicInMs: number) => void;
}

/** What is seen of the connections after a close; spans run from the close, null = not yet. */
export interface RecoveryObservation {
  readonly connectionsExpected: number;
  readonly connectionsBack: number;
  readonly socketRecoveredInMs: number | null;
  readonly allBackInMs: number | null;
  readonly commandRecoveredInMs: number | null;
  readonly workRecoveredInMs: number | null;
  readonly reconnectAttempts: number;
  readonly errorsSeen: number;
}

/** The live Redis connections of one process. */
export interface ConnectionSet {
  /** From memory; never waits for Redis. `last_reset` is kept by the replica and null here. */
  state(): RedisState;
  /**
   * Closes every live connection. Idempotence is the caller's: each call closes what stands.
   * @throws {CloseExpiredError} when the process did not get to it before it expired; nothing was closed.
   */
  close(options: CloseOptions): Promise<CloseReport>;
  /** What has come back since the last close; null when there was none. */
  recovery(): RecoveryObservation | null;
}

/** The command expired before the process got round to it; nothing was closed. */
export class CloseExpiredError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CloseExpiredError";
  }
}
