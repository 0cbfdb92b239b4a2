import type { ActiveFault, ReplicaState } from "@fleetquake/contract";
import { copyRecovery } from "../ledger/copy-recovery.ts";

/** What is remembered of a replica's own report. */
export type MemberReport = Omit<ReplicaState, "last_acknowledgement">;

/** One instance of a replica on the roster. */
export interface Member {
  readonly replicaId: string;
  readonly instanceId: string;
  report: MemberReport;
  /** Broker time of its first message, ms since 1970. */
  readonly firstHeardInMs: number;
  /** Broker time of its latest message, ms since 1970. */
  lastHeardInMs: number;
  /** The same moment by this process's monotonic clock, moved on by every span in which nothing could be heard. */
  heardAtMonotonicInMs: number;
  /** Broker time of its `bye`. */
  saidByeInMs: number | null;
  /** Broker time at which a newer instance of the same replica id was first heard. */
  supersededInMs: number | null;
  /** When it was last given what a newcomer needs, by the monotonic clock. */
  welcomedInMs: number | null;
}

/** A replica that reports more labels than this keeps the first of them. */
const MAX_LABELS = 64;

/** Copies what the contract names, so that additions of a stranger's message are not kept in memory. */
export function reportOf(state: ReplicaState): MemberReport {
  const { redis, last_recovery: recovery } = state;
  return {
    replica_id: state.replica_id,
    instance_id: state.instance_id,
    role: state.role,
    labels: boundedLabels(state.labels),
    allow: [...state.allow],
    started_at: state.started_at,
    interval_ms: state.interval_ms,
    clock_offset_ms: state.clock_offset_ms,
    highest_epoch: state.highest_epoch,
    active_faults: state.active_faults.map((active) => copyActiveFault(active)),
    halted: state.halted,
    dropped_messages: state.dropped_messages,
    redis: {
      connected: redis.connected,
      enabled: redis.enabled,
      connection_count: redis.connection_count,
      connections: {
        command: redis.connections.command,
        blocking: redis.connections.blocking,
        subscriber: redis.connections.subscriber,
        unknown: redis.connections.unknown,
      },
      unseen: redis.unseen,
      last_reset: redis.last_reset,
    },
    last_recovery: recovery === null ? null : copyRecovery(recovery),
  };
}

function copyActiveFault(active: ActiveFault): ActiveFault {
  const { fault, command_id, ends_at, level, scope, mode } = active;
  return {
    fault,
    command_id,
    ends_at,
    ...(level === undefined ? {} : { level }),
    ...(scope === undefined ? {} : { scope }),
    ...(mode === undefined ? {} : { mode }),
  };
}

function boundedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels);
  return Object.fromEntries(entries.length > MAX_LABELS ? entries.slice(0, MAX_LABELS) : entries);
}
