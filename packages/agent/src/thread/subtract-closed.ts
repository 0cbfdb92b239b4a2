import { CONNECTION_KINDS, type CloseReport, type RedisState } from "@fleetquake/contract";

/**
 * What is left of a state after a close that the application's thread could not see: it is still the last that this
 * thread said, and without this the fleet would be told of connections that are gone.
 */
export function subtractClosed(state: RedisState, report: CloseReport): RedisState {
  const connections = { ...state.connections };
  for (const kind of CONNECTION_KINDS) {
    connections[kind] = Math.max(0, connections[kind] - report.connections[kind]);
  }
  const left = CONNECTION_KINDS.reduce((sum, kind) => sum + connections[kind], 0);
  return {
    ...state,
    connected: left === 0 ? false : state.connected,
    connection_count: left,
    connections,
    unseen: report.unseen,
  };
}
