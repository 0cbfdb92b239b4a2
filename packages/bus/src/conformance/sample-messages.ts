import type { Command, CommandOpened, ReplicaEvent, RollCall } from "@fleetquake/contract";

/** A roll-call that can be told from others by its issuer. */
export function rollCall(issuer: string): RollCall {
  return {
    schema: 1,
    type: "roll-call",
    issuer,
    issued_at: "2026-01-01T00:00:00.000Z",
    heartbeat_interval_ms: 1_000,
    jitter_ms: 0,
  };
}

/** A reset of the whole fleet. */
export function command(issuer: string, commandId: string): Command {
  return {
    schema: 1,
    type: "command",
    command_id: commandId,
    fault: "redis-reset",
    action: "inject",
    parameters: { force: true, drain_timeout_ms: 5_000 },
    target: {},
    epoch: 1,
    issued_at: "2026-01-01T00:00:00.000Z",
    expires_at: "2026-01-01T00:00:05.000Z",
    issuer,
  };
}

/** The shortest event. */
export function bye(replicaId: string): ReplicaEvent {
  return { schema: 1, type: "bye", replica_id: replicaId, instance_id: "instance" };
}

/** A ledger event that expects so many replicas. */
export function commandOpened(issuer: string, replicas: number): CommandOpened {
  return {
    schema: 1,
    type: "command-opened",
    command_id: `command-of-${issuer}`,
    fault: "redis-reset",
    action: "inject",
    epoch: 1,
    parameters: { force: true, drain_timeout_ms: 5_000 },
    target: {},
    is_roster_complete: true,
    expected: Array.from({ length: replicas }, (_, index) => ({
      replica_id: `replica-${index}-${"x".repeat(100)}`,
      instance_id: `instance-${index}`,
      role: "worker",
    })),
    part: 0,
    parts: 1,
    opened_at: "2026-01-01T00:00:00.000Z",
    deadline_at: "2026-01-01T00:00:05.000Z",
    deadline_ms: 5_000,
    issuer,
    caller: "conformance",
    reason: null,
  };
}
