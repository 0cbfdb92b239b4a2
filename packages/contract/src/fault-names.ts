/** The faults that a fleet can be asked for. */
export const FAULTS = ["redis-reset"] as const;

/** One fault by name. */
export type Fault = (typeof FAULTS)[number];
