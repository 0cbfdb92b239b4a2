/** What the agent's thread asks of the tokens in the application's thread. */
export interface TokenExpiryRequest {
  readonly requestId: number;
  /** By the monotonic clock: when the expiry ends by itself; null: it ends now. */
  readonly endsAtMonotonicInMs: number | null;
  /** By the monotonic clock: what has not begun by then must not begin any more. An end is never too late. */
  readonly validUntilMonotonicInMs: number;
}

/** Why an expiry did not begin. */
export interface TokenExpiryRefusal {
  readonly code: string;
  readonly message: string;
}
