import type { RecoveryBody } from "@fleetquake/contract";

/** Copies what the contract names of a recovery report. */
export function copyRecovery(body: RecoveryBody): RecoveryBody {
  return {
    command_id: body.command_id,
    replica_id: body.replica_id,
    instance_id: body.instance_id,
    connections_expected: body.connections_expected,
    connections_back: body.connections_back,
    socket_recovered_ms: body.socket_recovered_ms,
    all_back_ms: body.all_back_ms,
    command_recovered_ms: body.command_recovered_ms,
    work_recovered_ms: body.work_recovered_ms,
    reconnect_attempts: body.reconnect_attempts,
    errors_seen: body.errors_seen,
    finished: body.finished,
    observed_ms: body.observed_ms,
  };
}
