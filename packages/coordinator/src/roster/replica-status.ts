import type { ReplicaStatus } from "@fleetquake/contract";
import { faultStatusOf } from "./fault-status.ts";
import { timestampOf } from "../timestamp-of.ts";
import type { RosterRow } from "./roster.ts";

/**
 * A roster row as the contract shows it.
 * @param nowInMs broker time, ms since 1970
 */
export function replicaStatusOf(row: RosterRow, nowInMs: number): ReplicaStatus {
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
    ...faultStatusOf(report.active_faults, nowInMs),
    halted: report.halted,
    redis: report.redis,
    last_recovery: report.last_recovery,
  };
}
