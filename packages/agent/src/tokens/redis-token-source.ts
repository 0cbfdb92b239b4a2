/** User and password as AUTH takes them. */
export interface RedisTokenCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * The short-lived credentials of an application's Redis connections, kept fresh by the application. None of its members
 * may take long, but for what it promises.
 */
export interface RedisTokenSource {
  /** The newest, also while an expiry is rehearsed; null: none has come yet. The agent's own connection uses them. */
  readonly newest: RedisTokenCredentials | null;
  /** Calls back whenever `newest` may have changed. @returns ends it. */
  onChange(listener: () => void): () => void;
  /** Resolves when no refresh is under way; a reset waits for it, so that what it closes comes back with a good token. */
  whenSettled(): Promise<void>;
  /**
   * Lets every authentication fail as with an expired token, until a moment of the machine's monotonic clock
   * (`process.hrtime`, in milliseconds) or until it is ended.
   * @throws when that cannot be done; a `code` and the message go to the fleet, so that they must not hold a token.
   */
  beginExpiry(endsAtMonotonicInMs: number): void;
  /** Good tokens are used again, also on connections that stand. Idempotent. */
  endExpiry(): void;
}
