import type { RedisState } from "@fleetquake/contract";

/** This process as a part of the fleet; known also while the bus is not. */
export interface LocalReplica {
  readonly replicaId: string;
  readonly instanceId: string;
  readonly role: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allow: readonly string[];
  /** ISO 8601 in UTC with milliseconds. */
  readonly startedAt: string;
  /** From memory; `last_reset` is null here, the roster knows it. */
  redis(): RedisState;
}
