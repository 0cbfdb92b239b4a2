import {
  BLOCK_MODES,
  LOAD_LEVELS,
  LONGEST_FAULT_IN_SECONDS,
  REPLICA_HANG_SCOPES,
  type ActiveFault,
  type BlockStatus,
  type HangStatus,
  type LoadStatus,
  type TokenExpiryStatus,
} from "@fleetquake/contract";

/** The faults of one replica, or of all together. */
export interface FaultStatus {
  readonly load: LoadStatus;
  readonly hang: HangStatus;
  readonly block: BlockStatus;
  readonly token_expiry: TokenExpiryStatus;
}

/**
 * What active faults come to; of several of one kind the highest level and the longest rest count.
 * @param nowInMs broker time, ms since 1970: a fault whose end has passed is over, heard or not
 */
export function faultStatusOf(active: readonly ActiveFault[], nowInMs: number): FaultStatus {
  const running = active.filter(({ ends_at }) => Date.parse(ends_at) > nowInMs);
  const of = (name: string): readonly ActiveFault[] =>
    running.filter(({ fault }) => fault === name);
  const loads = of("load");
  const hangs = of("hang");
  const blocks = of("redis-block");
  const expiries = of("token-expiry");
  return {
    load: {
      active: loads.length > 0,
      level:
        highest(
          LOAD_LEVELS,
          loads.map(({ level }) => level),
        ) ?? "none",
      remaining_seconds: remaining(loads, nowInMs),
    },
    hang: {
      active: hangs.length > 0,
      scope: highest(
        REPLICA_HANG_SCOPES,
        hangs.map(({ scope }) => scope),
      ),
      remaining_seconds: remaining(hangs, nowInMs),
    },
    block: {
      active: blocks.length > 0,
      mode: highest(
        BLOCK_MODES,
        blocks.map(({ mode }) => mode),
      ),
      remaining_seconds: remaining(blocks, nowInMs),
    },
    token_expiry: {
      active: expiries.length > 0,
      remaining_seconds: remaining(expiries, nowInMs),
    },
  };
}

/** The last of an ordered list that is among the given names; null: none. */
function highest<T extends string>(
  ordered: readonly T[],
  given: readonly (string | undefined)[],
): T | null {
  return ordered.findLast((name) => given.includes(name)) ?? null;
}

/** Rounded up, so that what runs never shows 0; no fault lasts longer than the contract lets it, whatever a replica says. */
function remaining(faults: readonly ActiveFault[], nowInMs: number): number {
  const ends = faults.map(({ ends_at }) => Date.parse(ends_at));
  return ends.length === 0
    ? 0
    : Math.ceil(Math.min((Math.max(...ends) - nowInMs) / 1_000, LONGEST_FAULT_IN_SECONDS));
}
