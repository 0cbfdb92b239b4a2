/** A token is refreshed when this part of its life is over, at the earliest and at the latest. */
const EARLIEST_PART = 0.6;
const LATEST_PART = 0.7;
/** An issuer may hand the same token out again until shortly before its end: MSAL does until five minutes before. */
const UNCHANGED_PART = 0.25;
const LEAST_IN_MS = 250;

export interface RefreshDelayOptions {
  /** How long the token is still good for. */
  readonly leftInMs: number;
  /** How long its issuer will still hand out the same one; null: it does not say. */
  readonly unchangedForInMs: number | null;
  /** Whether it is the one that was there before. */
  readonly isUnchanged: boolean;
  /** From 0 to 1: replicas that were started together shall not ask together. */
  readonly random: number;
}

/**
 * How long to wait until a token is refreshed, in milliseconds: well before it expires, so that there is time for
 * failures and for every connection to authenticate again.
 */
export function refreshDelayInMs(options: RefreshDelayOptions): number {
  const { leftInMs, unchangedForInMs, isUnchanged, random } = options;
  if (isUnchanged) {
    return Math.max(LEAST_IN_MS, leftInMs * UNCHANGED_PART * (1 - random / 10));
  }
  const byLife = leftInMs * (EARLIEST_PART + (LATEST_PART - EARLIEST_PART) * random);
  const byIssuer =
    unchangedForInMs === null ? byLife : Math.max(0, unchangedForInMs) + leftInMs * random * 0.05;
  return Math.max(LEAST_IN_MS, Math.min(byLife, byIssuer));
}
