import type { Log } from "@fleetquake/contract";
import { BusUnavailableError } from "../ports/command-bus.ts";
import { LockContendedError } from "../ports/fleet-lock.ts";
import {
  refuseBusUnavailable,
  refuseContended,
  refused,
  refuseShuttingDown,
  type Refused,
} from "../refusal.ts";

/**
 * Why a command that failed on its way to its lock, or under it, was not published.
 * @throws the error itself when nobody foresaw it.
 */
export function refuseWithoutLock(
  error: unknown,
  { ending, log }: { readonly ending: AbortSignal; readonly log: Log },
): Refused {
  if (ending.aborted) {
    return refused(refuseShuttingDown());
  }
  if (error instanceof LockContendedError) {
    return refused(refuseContended());
  }
  if (error instanceof BusUnavailableError) {
    log.warn("command-not-published", { error });
    return refused(refuseBusUnavailable());
  }
  throw error;
}
