import type { Clock } from "@fleetquake/contract";
import type { ClientRow, ClosingRedisControl, RedisEndpoint } from "../control/redis-control.ts";

const LONGEST_CALL_IN_MS = 1_000;

/** A server at which connections may be closed from outside. */
export interface SurveyedServer {
  readonly endpoint: RedisEndpoint;
  readonly rows: readonly ClientRow[];
}

export interface SurveyOptions {
  readonly control: ClosingRedisControl;
  readonly clock: Clock;
  /** By the monotonic clock; no call goes on beyond it. */
  readonly deadlineInMs: number;
}

/**
 * Finds out whether this process's connections may be closed at a server from outside, and lists the server's clients.
 *
 * Addresses mean the same at both ends only where nothing translates them: the control connection, which goes the same
 * way, has to be seen by the server under its own local address. Behind NAT or a proxy a row with one of our addresses
 * may be somebody else's.
 * @returns null when it is not safe, not permitted, or the server does not answer; nothing was changed.
 */
export async function surveyServer(
  endpoint: RedisEndpoint,
  { control, clock, deadlineInMs }: SurveyOptions,
): Promise<SurveyedServer | null> {
  const callTimeout = (): number =>
    Math.max(0, Math.min(LONGEST_CALL_IN_MS, deadlineInMs - clock.monotonicInMs()));
  const self = await control.ownClient(endpoint, { timeoutInMs: callTimeout() });
  if (self === null || self.address !== self.localAddress) {
    return null;
  }
  const mayKill = await control.kill(endpoint, { clients: [self], timeoutInMs: callTimeout() });
  const rows = mayKill ? await control.clientList(endpoint, { timeoutInMs: callTimeout() }) : null;
  return rows === null ? null : { endpoint, rows };
}
