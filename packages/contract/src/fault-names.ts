/** The faults that a fleet can be asked for. */
export const FAULTS = ["redis-reset", "load", "hang", "redis-block", "token-expiry"] as const;

/** One fault by name. */
export type Fault = (typeof FAULTS)[number];

/** The faults that last for a time, and can be recovered before it is over. */
export const LASTING_FAULTS = ["load", "hang", "redis-block", "token-expiry"] as const;

export type LastingFault = (typeof LASTING_FAULTS)[number];

/** What is done with a fault. */
export const ACTIONS = ["inject", "recover"] as const;

/** What a command is about: a fault, or the halt of all of them. */
export const COMMAND_FAULTS = [...FAULTS, "halt"] as const;

/** How hard a load is. */
export const LOAD_LEVELS = ["low", "medium", "high"] as const;

export type LoadLevel = (typeof LOAD_LEVELS)[number];

/** What a hang blocks in a replica: its job processors, or its whole event loop. */
export const REPLICA_HANG_SCOPES = ["jobs", "process"] as const;

export type ReplicaHangScope = (typeof REPLICA_HANG_SCOPES)[number];

/** What becomes of a new connection during a block: refused at once, or left without an answer. */
export const BLOCK_MODES = ["refuse", "drop"] as const;

export type BlockMode = (typeof BLOCK_MODES)[number];
