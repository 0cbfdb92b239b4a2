/** active: fresh heartbeat. stale: three missed. left: said bye, or silent for long. */
export const ROSTER_STATES = ["active", "stale", "left"] as const;

export type RosterState = (typeof ROSTER_STATES)[number];
