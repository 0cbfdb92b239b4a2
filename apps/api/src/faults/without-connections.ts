import type { LedgerEntry, ReplicaOutcome } from "@fleetquake/contract";

/** An entry without what its rows say of connections: where none is touched, zeros would only look like a finding. */
export function withoutConnections(entry: LedgerEntry): LedgerEntry {
  return { ...entry, replicas: entry.replicas.map((row) => rowOf(row)) };
}

function rowOf(row: ReplicaOutcome): ReplicaOutcome {
  const {
    connections_closed: _closed,
    connecting_aborted: _aborted,
    connections: _connections,
    coverage: _coverage,
    unseen: _unseen,
    closed_by: _closedBy,
    closed_at,
    ...rest
  } = row;
  return { ...rest, ...(closed_at === undefined ? {} : { closed_at }) };
}
