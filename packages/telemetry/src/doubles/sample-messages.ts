import type { LedgerEntry, RecoveryBody } from "@fleetquake/contract";

/** The moment of all that is sampled here. */
export const SAMPLE_AT = "2026-11-23T08:15:00.000Z";

/** A forced reset, closed, that named nobody; the sums of its fleet are the test's to give. */
export function sampleEntry(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    command_id: "c-1",
    fault: "redis-reset",
    action: "inject",
    epoch: 1,
    parameters: { force: true, drain_timeout_ms: 5_000 },
    target: {},
    caller: "somebody",
    issuer: "api",
    reason: null,
    opened_at: SAMPLE_AT,
    deadline_at: SAMPLE_AT,
    deadline_ms: 5_000,
    closed_at: SAMPLE_AT,
    published: "yes",
    outcome: "partial",
    connections_closed: 3,
    duration_ms: 40,
    skew_ms: null,
    skew_uncertainty_ms: null,
    fleet: {
      expected: 0,
      acknowledged: 0,
      failed: 0,
      refused: 0,
      expired: 0,
      silent: 0,
      left: 0,
      late: 0,
      joined_late: 0,
    },
    replicas: [],
    recovery: null,
    ...changes,
  };
}

/** All three connections of replica `id` are back; whether that is all is the test's to say. */
export function sampleRecovery(id: string, changes: Partial<RecoveryBody> = {}): RecoveryBody {
  return {
    command_id: "c-1",
    replica_id: id,
    instance_id: `${id}-1`,
    connections_expected: 3,
    connections_back: 3,
    socket_recovered_ms: 60,
    all_back_ms: 120,
    command_recovered_ms: null,
    work_recovered_ms: null,
    reconnect_attempts: 3,
    errors_seen: 0,
    finished: false,
    observed_ms: 200,
    ...changes,
  };
}
