import type { CloseReport } from "@fleetquake/contract";

/** What an acknowledgement says of the connections when none was touched. */
export function emptyCloseReport(): CloseReport {
  return {
    coverage: "full",
    connections_closed: 0,
    connecting_aborted: 0,
    connections: { command: 0, blocking: 0, subscriber: 0, unknown: 0 },
    unseen: 0,
    closed_by: "process",
  };
}
