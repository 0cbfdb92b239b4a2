import type { ReplicaStatus } from "@fleetquake/contract";
import { timestampOf } from "../timestamp-of.ts";
import type { RosterRow } from "./roster.ts";

/** A roster row as the contract shows it; faults other than redis-reset are idle in this version. */
export function replicaStatusOf(row: RosterRow): ReplicaStatus {
  const { report, lastHeardInMs } = row.member;
  return {
    replica_id: report.replica_id,
    instance_id: report.instance_id,
    role: report.role,
    labels: report.labels,
    allow: report.allow,
    state: row.state,
    started_at: report.started_at,
    last_seen: timestampOf(lastHeardInMs),
    clock_offset_ms: report.clock_offset_ms,
    load: { active: false, level: "none", remaining_seconds: 0 },
    hang: { active: false, remaining_seconds: 0 },
    block: { active: false, remaining_seconds: 0 },
    redis: report.redis,
    last_recovery: report.last_recovery,
  };
}
