import type { RosterState } from "@fleetquake/contract";
import type { Member } from "./member.ts";

/** Heartbeats that may be missed before a replica is stale. */
const STALE_AFTER_PERIODS = 3;
const LEFT_AFTER_PERIODS = 6;
const LEFT_AFTER_AT_LEAST_IN_MS = 60_000;

/** An interval beyond these is a replica's mistake, not a reason to wait for it for ever. */
const SHORTEST_INTERVAL_IN_MS = 100;
const LONGEST_INTERVAL_IN_MS = 600_000;

/**
 * What a replica's own signs of life say of it, other instances of its id left aside.
 *
 * Silence alone makes a replica stale, not gone: a frozen process must show as silent in the answer.
 */
export function memberState(member: Member, silentForInMs: number): RosterState {
  if (member.saidByeInMs !== null) {
    return "left";
  }
  if (member.supersededInMs !== null && member.lastHeardInMs <= member.supersededInMs) {
    return "left";
  }
  const intervalInMs = keptInterval(member.report.interval_ms);
  if (silentForInMs >= Math.max(LEFT_AFTER_AT_LEAST_IN_MS, LEFT_AFTER_PERIODS * intervalInMs)) {
    return "left";
  }
  return silentForInMs >= STALE_AFTER_PERIODS * intervalInMs ? "stale" : "active";
}

function keptInterval(intervalInMs: number): number {
  return Math.min(Math.max(intervalInMs, SHORTEST_INTERVAL_IN_MS), LONGEST_INTERVAL_IN_MS);
}
