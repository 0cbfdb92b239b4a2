import type { Clock } from "@fleetquake/contract/plain";
import type { FetchToken } from "./azure-tokens.ts";
import type { RedisToken } from "./redis-token.ts";

export interface FetchWithinOptions {
  readonly clock: Clock;
  readonly timeoutInMs: number;
  readonly abortSignal: AbortSignal;
}

/**
 * Gets a token within a span, also from a credential that does not look at its signal.
 * @throws when it was late, or given up.
 */
export async function fetchWithin(
  fetchToken: FetchToken,
  { clock, timeoutInMs, abortSignal }: FetchWithinOptions,
): Promise<RedisToken> {
  const attempt = new AbortController();
  const timer = clock.after(timeoutInMs, () => {
    attempt.abort(new Error(`no token within ${timeoutInMs} ms`));
  });
  const onAbort = (): void => attempt.abort(new Error("given up"));
  abortSignal.addEventListener("abort", onAbort);
  const aborted = new Promise<never>((_resolve, reject) => {
    attempt.signal.addEventListener("abort", () => reject(attempt.signal.reason));
  });
  try {
    return await Promise.race([fetchToken(attempt.signal), aborted]);
  } finally {
    timer.cancel();
    abortSignal.removeEventListener("abort", onAbort);
  }
}
