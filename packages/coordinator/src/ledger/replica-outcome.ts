import type { AcknowledgementError, LedgerState, ReplicaOutcome } from "@fleetquake/contract";
import type { LedgerRow } from "./ledger-row.ts";

/** A row as the contract shows it. */
export function replicaOutcomeOf(row: LedgerRow, state: LedgerState): ReplicaOutcome {
  const error = errorOf(row);
  const who = { replica_id: row.replicaId, instance_id: row.instanceId, role: row.role, state };
  const rest = {
    ...(error === undefined ? {} : { error }),
    ...(row.recovery === null ? {} : { recovery: row.recovery }),
  };
  if (row.answer === null) {
    return { ...who, connections_closed: 0, ...rest };
  }
  const {
    command_id: _commandId,
    epoch: _epoch,
    state: _state,
    error: _error,
    // The roster is believed before the answer.
    replica_id: _replicaId,
    instance_id: _instanceId,
    role: _role,
    ...report
  } = row.answer.body;
  // Several spreads in one literal take thirty times as long, and a fleet has hundreds of rows.
  return Object.assign(who, report, rest);
}

function errorOf(row: LedgerRow): AcknowledgementError | undefined {
  if (row.isConflicting) {
    return {
      code: "CONFLICTING_ANSWERS",
      message: "It gave different answers to the same command; the first one is shown.",
    };
  }
  if (row.isDuplicate) {
    return {
      code: "DUPLICATE_REPLICA_ID",
      message: "Two live instances use this replica id; give each its own FLEETQUAKE_REPLICA_ID.",
    };
  }
  return row.answer?.body.error;
}
