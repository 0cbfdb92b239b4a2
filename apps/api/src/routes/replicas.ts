import type { FastifyInstance } from "fastify";
import type { ReplicaList, ReplicaStatus } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import type { RouteOptions } from "./route-options.ts";

/** `GET /chaos/replicas` and `/chaos/replicas/{id}`, from memory. */
export function registerReplicas(app: FastifyInstance, { fleet }: RouteOptions): void {
  app.get("/chaos/replicas", async (request): Promise<ReplicaList> => {
    refuseQuery(request.query);
    return { replicas: fleet.replicas() };
  });

  app.get<{ Params: { id: string } }>(
    "/chaos/replicas/:id",
    async (request): Promise<ReplicaStatus> => {
      refuseQuery(request.query);
      const { id } = request.params;
      const replica = fleet.replica(id);
      if (replica === undefined) {
        throw new ProblemError(
          "UNKNOWN_REPLICA",
          `No replica ${JSON.stringify(id)} is on the roster; /chaos/replicas lists those that are.`,
          { errors: [{ path: "id", detail: "is not on the roster" }] },
        );
      }
      return replica;
    },
  );
}
