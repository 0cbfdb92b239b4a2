import type { CommandPage, FleetStatus } from "@fleetquake/contract";
import type { StartedFleet } from "./start-fleet.ts";
import { waitFor } from "./wait-for.ts";

/** What a worker holds: one connection for its jobs' commands, two of BullMQ's worker. */
export const CONNECTIONS_PER_WORKER = 3;

const SETTLED_WITHIN_IN_MS = 20_000;

/**
 * The ids of the applications' clients in CLIENT LIST, once nobody connects any more: since the last command everybody has
 * reported, each worker all of its connections, and together as many as Redis lists.
 */
export function settledClientIds(
  fleet: StartedFleet,
  { api = 0 }: { readonly api?: number } = {},
): Promise<readonly string[]> {
  return waitFor(
    async () => {
      const { body } = await fleet.get<CommandPage>("/chaos/commands?limit=1", { api });
      const { body: status } = await fleet.get<FleetStatus>("/chaos/status", { api });
      const ids = await fleet.clientIds();
      const reported = countReported(
        status,
        Date.parse(body.commands[0]?.closed_at ?? "1970-01-01"),
      );
      return ids.length === reported && ids;
    },
    {
      what: "agreement of CLIENT LIST and the fleet's count",
      timeoutInMs: SETTLED_WITHIN_IN_MS,
    },
  );
}

/** null while somebody has not reported since a moment, or a worker lacks connections. */
function countReported({ replicas }: FleetStatus, sinceInMs: number): number | null {
  const present = replicas.filter(({ state }) => state === "active");
  const areSettled = present.every(
    ({ role, last_seen: lastSeen, redis }) =>
      Date.parse(lastSeen) > sinceInMs &&
      (role !== "worker" || redis.connection_count === CONNECTIONS_PER_WORKER),
  );
  return areSettled ? present.reduce((sum, row) => sum + row.redis.connection_count, 0) : null;
}
