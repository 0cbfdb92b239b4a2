import { emptyCounts } from "./count-connections.ts";
import type { ConnectionCounts } from "@fleetquake/contract";
import { abortConnecting, resetSocket } from "./reset-socket.ts";
import type { TrackedConnection } from "./tracked-connection.ts";

/** What was closed, by the phase that each connection was in. */
export interface ClosedConnections {
  readonly closed: number;
  readonly connectingAborted: number;
  readonly counts: ConnectionCounts;
}

/** Cuts connections at once, in one turn of the event loop; nothing waits for Redis. */
export function closeNow(connections: readonly TrackedConnection[]): ClosedConnections {
  const counts = emptyCounts();
  let closed = 0;
  let connectingAborted = 0;
  for (const connection of connections) {
    switch (connection.phase) {
      case "established":
        resetSocket(connection.socket);
        counts[connection.kind] += 1;
        closed += 1;
        break;
      case "connecting":
        abortConnecting(connection.socket);
        connectingAborted += 1;
        break;
      case "closed":
        break;
    }
  }
  return { closed, connectingAborted, counts };
}
