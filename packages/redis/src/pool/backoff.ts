/** How the waits between tries grow. */
export interface Backoff {
  readonly baseInMs: number;
  readonly capInMs: number;
}

/**
 * The wait before retry number `retry` (1, 2, …) in milliseconds: the base, doubled with each further retry up to the
 * cap, less up to a quarter of itself, so that a fleet does not knock in step.
 */
export function backoffInMs(backoff: Backoff, retry: number, random = Math.random): number {
  const fullInMs = Math.min(backoff.capInMs, backoff.baseInMs * 2 ** (Math.max(1, retry) - 1));
  return fullInMs * (1 - random() / 4);
}
