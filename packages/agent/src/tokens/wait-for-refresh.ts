import type { Clock, Log } from "@fleetquake/contract/plain";
import { within } from "../sockets/within.ts";
import type { RedisTokenSource } from "./redis-token-source.ts";

/** A refresh takes milliseconds; one that takes longer than this may never come to an end. */
const PATIENCE_IN_MS = 2_000;
/** The rest of the command's time is for closing. */
const SHARE_OF_TIME_LEFT = 0.5;

export interface WaitForRefreshOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** By the monotonic clock: when the reset that waits will have expired. */
  readonly expiresAtMonotonicInMs: number;
}

/**
 * Waits while a token is being refreshed, for at most 2 s and half of the time that a reset has left: connections that
 * are closed during a refresh come back with the old token, and may be refused.
 */
export async function waitForRefresh(
  source: Pick<RedisTokenSource, "whenSettled">,
  { clock, log, expiresAtMonotonicInMs }: WaitForRefreshOptions,
): Promise<void> {
  const startedAtInMs = clock.monotonicInMs();
  const leftInMs = expiresAtMonotonicInMs - startedAtInMs;
  const timeoutInMs = Math.max(0, Math.min(PATIENCE_IN_MS, leftInMs * SHARE_OF_TIME_LEFT));
  const settled = source.whenSettled().then(() => "settled" as const);
  const outcome = await within(settled, { clock, timeoutInMs });
  const waited_ms = Math.round(clock.monotonicInMs() - startedAtInMs);
  if (outcome === null) {
    log.warn("redis-reset-in-token-refresh", { waited_ms });
  } else if (waited_ms > 0) {
    log.info("redis-reset-after-token-refresh", { waited_ms });
  }
}
