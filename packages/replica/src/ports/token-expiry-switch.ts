export interface TokenExpiryOptions {
  /** By the machine's monotonic clock (`Clock.monotonicInMs`): the expiry ends by itself at this moment. */
  readonly endsAtMonotonicInMs: number;
}

/** Lets the authentications of this process at Redis fail as with an expired token; connections that stand live on. */
export interface TokenExpirySwitch {
  /**
   * Begins an expiry, or replaces the one that stands; in effect when it resolves.
   * @throws {FaultRefusedError} when the process's connections use no token.
   * @throws with code `LOOP_BLOCKED` when the event loop did not get round to it in time; it will not begin then.
   */
  begin(options: TokenExpiryOptions): Promise<void>;
  /**
   * The newest tokens are used again; resolves when they are. Idempotent.
   * @throws with code `LOOP_BLOCKED` when the event loop did not get round to it in time; it will when it comes round.
   */
  end(): Promise<void>;
}
