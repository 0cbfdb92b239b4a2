import type { FleetStatus } from "@fleetquake/contract";
import type { StartedFleet } from "./start-fleet.ts";
import { waitFor } from "./wait-for.ts";

/** What a worker holds: one connection for its jobs' commands, two of BullMQ's worker. */
export const CONNECTIONS_PER_WORKER = 3;

const SETTLED_WITHIN_IN_MS = 20_000;

/**
 * The ids of the applications' clients in CLIENT LIST, once nobody connects any more: every worker has its connections,
 * and an API (the first, unless told otherwise) has heard of as many as Redis lists.
 */
export function settledClientIds(
  fleet: StartedFleet,
  { api = 0 }: { readonly api?: number } = {},
): Promise<readonly string[]> {
  const workers = fleet.workers.filter((worker) => worker.isRunning).length;
  return waitFor(
    async () => {
      const { body } = await fleet.get<FleetStatus>("/chaos/status", { api });
      const ids = await fleet.clientIds();
      const hasAll = ids.length >= workers * CONNECTIONS_PER_WORKER;
      return hasAll && ids.length === body.redis.connection_count && ids;
    },
    {
      what: "agreement of CLIENT LIST and the fleet's count",
      timeoutInMs: SETTLED_WITHIN_IN_MS,
      pollInMs: 100,
    },
  );
}
