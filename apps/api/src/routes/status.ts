import type { FastifyInstance } from "fastify";
import type { FleetStatus } from "@fleetquake/contract";
import { localStatus } from "../local-status.ts";
import { QueryReader, type QueryParameter } from "../validation/query-reader.ts";
import { withOwnPart } from "../with-own-part.ts";
import { timestamp, type RouteOptions } from "./route-options.ts";

type Scope = "fleet" | "local";

const scope: QueryParameter<Scope> = {
  name: "scope",
  read: (text) => (text === "fleet" || text === "local" ? text : undefined),
  expected: "fleet or local",
};

/** `GET /chaos/status`: always 200 and from memory; `?scope=local` is this process alone. */
export function registerStatus(app: FastifyInstance, options: RouteOptions): void {
  const { fleet, local, clock } = options;
  app.get("/chaos/status", async (request): Promise<FleetStatus> => {
    const query = new QueryReader(request.query);
    const isLocal = query.read(scope) === "local";
    query.finish();
    const status = fleet.status();
    const shown = isLocal
      ? localStatus(status, {
          local,
          row: fleet.replica(local.replicaId),
          now: timestamp(clock),
        })
      : status;
    return withOwnPart(shown, options);
  });
}
