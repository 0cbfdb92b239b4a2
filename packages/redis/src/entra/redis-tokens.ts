/** User and password as AUTH takes them. */
export interface RedisCredentials {
  readonly username: string;
  readonly password: string;
}

/** The short-lived credentials of a process's Redis connections. Nothing here rejects because no token can be had. */
export interface RedisTokens {
  /** What the next AUTH is to use; null: no token has come yet. */
  readonly credentials: RedisCredentials | null;
  /** The newest, also while an expiry is rehearsed; null: none has come yet. */
  readonly newest: RedisCredentials | null;
  /** Rises whenever connections have to authenticate again. */
  readonly generation: number;
  /** Calls back whenever one of these has changed. @returns ends it. */
  onChange(listener: () => void): () => void;
  /** Resolves when no refresh is under way: at once, or when it has come to its end, whatever that is. */
  whenSettled(): Promise<void>;
  /** Resolves when there is a token that has not expired, or an expiry is rehearsed, or the signal is aborted. */
  whenUsable(abortSignal: AbortSignal): Promise<void>;
  /**
   * Every authentication uses an expired token, until a moment of the monotonic clock or until it is ended.
   * @throws with code `NO_REDIS_TOKEN` when no token has come yet that could expire.
   */
  beginExpiry(endsAtMonotonicInMs: number): void;
  /** The newest token is used again, also on live connections. Idempotent. */
  endExpiry(): void;
}
