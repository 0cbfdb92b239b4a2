import type { FleetStatus, ReplicaStatus } from "@fleetquake/contract";
import type { LocalReplica } from "./ports/local-replica.ts";

export interface LocalStatusOptions {
  readonly local: LocalReplica;
  /** This process on the roster; undefined until the fleet has been told of it. */
  readonly row: ReplicaStatus | undefined;
  readonly now: string;
}

/** The status of this process alone; its connections as its own agent counts them at this moment. */
export function localStatus(status: FleetStatus, options: LocalStatusOptions): FleetStatus {
  const { local, row, now } = options;
  const known = row?.instance_id === local.instanceId ? row : undefined;
  const redis = { ...local.redis(), last_reset: known?.redis.last_reset ?? null };
  const replica: ReplicaStatus = {
    ...(known ?? unknownReplica(local)),
    state: "active",
    last_seen: now,
    redis,
  };
  return {
    ...status,
    load: replica.load,
    hang: replica.hang,
    block: replica.block,
    token_expiry: replica.token_expiry,
    redis: {
      connected: redis.connected ?? false,
      connection_count: redis.connection_count,
      last_reset: redis.last_reset,
    },
    fleet: { replicas: 1, active: 1, stale: 0, left: 0 },
    replicas: [replica],
  };
}

/** What this process knows of itself before the fleet does. */
function unknownReplica(local: LocalReplica): Omit<ReplicaStatus, "state" | "last_seen" | "redis"> {
  return {
    replica_id: local.replicaId,
    instance_id: local.instanceId,
    role: local.role,
    labels: local.labels,
    allow: local.allow,
    started_at: local.startedAt,
    clock_offset_ms: null,
    load: { active: false, level: "none", remaining_seconds: 0 },
    hang: { active: false, scope: null, remaining_seconds: 0 },
    block: { active: false, mode: null, remaining_seconds: 0 },
    token_expiry: { active: false, remaining_seconds: 0 },
    halted: false,
    last_recovery: null,
  };
}
