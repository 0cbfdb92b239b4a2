import { waitFor } from "../wait-for.ts";
import type { MatrixFleet } from "./matrix-fleet.ts";

const GIVEN_UP_AFTER_IN_MS = 60_000;

/**
 * Waits until each API is connected and ready, and has heard each replica since a moment: memory alone does not count.
 * @returns milliseconds from that moment.
 */
export async function wholeAgain(matrix: MatrixFleet, sinceInMs: number): Promise<number> {
  await waitFor(
    async () => {
      const names = matrix.replicas.map(({ name }) => name).toSorted();
      const statuses = await matrix.statuses();
      return statuses.every((status) => {
        const heard = status.replicas
          .filter((row) => row.state === "active" && Date.parse(row.last_seen) >= sinceInMs)
          .map((row) => row.replica_id);
        const isReady = status.bus.connected && status.roster === "ready";
        return isReady && heard.toSorted().join() === names.join();
      });
    },
    { what: "whole fleet at each API", timeoutInMs: GIVEN_UP_AFTER_IN_MS },
  );
  return Date.now() - sinceInMs;
}
