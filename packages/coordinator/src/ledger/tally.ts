import type { FleetTally, LedgerState } from "@fleetquake/contract";

/** Counts the states of an entry's rows; a late answer is counted in `silent` too. */
export function tally(states: readonly LedgerState[]): FleetTally {
  const count = (state: LedgerState): number => states.filter((other) => other === state).length;
  const late = count("late");
  const joinedLate = count("joined_late");
  return {
    expected: states.length - joinedLate,
    acknowledged: count("acknowledged"),
    failed: count("failed"),
    refused: count("refused"),
    expired: count("expired"),
    silent: count("silent") + late,
    left: count("left"),
    late,
    joined_late: joinedLate,
  };
}
