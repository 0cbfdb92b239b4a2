import type { AcknowledgementBody, RecoveryBody, ReplicaState } from "@fleetquake/contract";
import { timestampOf } from "../timestamp-of.ts";

const noConnections = { command: 0, blocking: 0, subscriber: 0, unknown: 0 };

/** A replica's report; whatever a test does not name is ordinary. */
export function replicaState(overrides: Partial<ReplicaState> = {}): ReplicaState {
  return {
    replica_id: "r1",
    instance_id: "i1",
    role: "worker",
    labels: {},
    allow: ["redis-reset"],
    started_at: "2026-01-01T00:00:00.000Z",
    interval_ms: 1_000,
    clock_offset_ms: 0,
    highest_epoch: 0,
    active_faults: [],
    halted: false,
    redis: {
      connected: true,
      enabled: true,
      connection_count: 10,
      connections: { ...noConnections, command: 10 },
      unseen: 0,
      last_reset: null,
    },
    dropped_messages: 0,
    last_acknowledgement: null,
    last_recovery: null,
    ...overrides,
  };
}

/** One replica's answer; whatever a test does not name is ordinary. */
export function acknowledgement(overrides: Partial<AcknowledgementBody> = {}): AcknowledgementBody {
  return {
    command_id: "c1",
    replica_id: "r1",
    instance_id: "i1",
    role: "worker",
    epoch: 1,
    state: "acknowledged",
    coverage: "full",
    connections_closed: 10,
    connecting_aborted: 0,
    connections: { ...noConnections, command: 10 },
    unseen: 0,
    closed_by: "process",
    closed_at: timestampOf(Date.UTC(2026, 0, 1)),
    duration_ms: 1,
    clock_offset_ms: 0,
    ...overrides,
  };
}

/** One replica's recovery; whatever a test does not name is ordinary. */
export function recovery(overrides: Partial<RecoveryBody> = {}): RecoveryBody {
  return {
    command_id: "c1",
    replica_id: "r1",
    instance_id: "i1",
    connections_expected: 10,
    connections_back: 10,
    socket_recovered_ms: 50,
    all_back_ms: 150,
    command_recovered_ms: 60,
    work_recovered_ms: null,
    reconnect_attempts: 10,
    errors_seen: 0,
    finished: true,
    observed_ms: 200,
    ...overrides,
  };
}
