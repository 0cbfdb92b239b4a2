import type { ConnectionCounts } from "@fleetquake/contract";
import type { TrackedConnection } from "./tracked-connection.ts";

export function emptyCounts(): ConnectionCounts {
  return { command: 0, blocking: 0, subscriber: 0, unknown: 0 };
}

/** The established connections among some, by what they are used for. */
export function countConnections(connections: readonly TrackedConnection[]): ConnectionCounts {
  const counts = emptyCounts();
  for (const { phase, kind } of connections) {
    if (phase === "established") {
      counts[kind] += 1;
    }
  }
  return counts;
}
