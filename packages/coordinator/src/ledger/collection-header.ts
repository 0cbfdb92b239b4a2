import {
  copyOrder,
  type CommandOpened,
  type CommandOrder,
  type CommandTarget,
  type TraceContext,
} from "@fleetquake/contract";

/** What a ledger entry says of its command; moments are broker time, ms since 1970. */
export interface CollectionHeader {
  readonly commandId: string;
  readonly order: CommandOrder;
  readonly epoch: number;
  /** false: it was published while the whole fleet was not known, so that it can never be complete. */
  readonly isRosterComplete: boolean;
  readonly target: CommandTarget;
  readonly openedAtInMs: number;
  readonly deadlineAtInMs: number;
  readonly deadlineInMs: number;
  readonly issuer: string;
  readonly caller: string;
  readonly reason: string | null;
  /** The operation that it is part of; known only to the API that published it. */
  readonly trace?: TraceContext;
}

/** No command of the contract collects for longer, and a message that says so must not block the fleet. */
const LONGEST_DEADLINE_IN_MS = 600_000;
/** This API's estimate of broker time lags by its fastest delivery: others may seem to be a little ahead. */
const TOLERATED_FUTURE_IN_MS = 60_000;

/**
 * Reads the opening of a command by whichever API published it.
 * Moments far beyond the present are brought back to it: they would otherwise cool the fleet down for ever.
 * @returns null when its moments are no moments.
 */
export function readHeader(opened: CommandOpened, nowInMs: number): CollectionHeader | null {
  const claimedInMs = Date.parse(opened.opened_at);
  const openedAtInMs = claimedInMs > nowInMs + TOLERATED_FUTURE_IN_MS ? nowInMs : claimedInMs;
  const deadlineAtInMs = Date.parse(opened.deadline_at);
  if (Number.isNaN(openedAtInMs) || Number.isNaN(deadlineAtInMs)) {
    return null;
  }
  return {
    commandId: opened.command_id,
    order: copyOrder(opened),
    epoch: opened.epoch,
    isRosterComplete: opened.is_roster_complete,
    target: opened.target,
    openedAtInMs,
    deadlineAtInMs: Math.min(
      Math.max(deadlineAtInMs, openedAtInMs),
      openedAtInMs + LONGEST_DEADLINE_IN_MS,
    ),
    deadlineInMs: opened.deadline_ms,
    issuer: opened.issuer,
    caller: opened.caller,
    reason: opened.reason,
  };
}
