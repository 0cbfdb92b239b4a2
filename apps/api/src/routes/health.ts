import type { FastifyInstance, FastifyRequest } from "fastify";
import type { HealthAnswer, LivenessAnswer, ReadinessAnswer } from "@fleetquake/contract";
import { suffices } from "../access/caller.ts";
import { timestamp, type RouteOptions } from "./route-options.ts";

/** What load balancers are told with a 503. */
const RETRY = { "retry-after": "1", "cache-control": "no-store" };

/** A roster that lacks this very process has not heard the whole fleet, whatever the coordinator waits for. */
function rosterOf({ fleet, local }: RouteOptions): "warming" | "ready" {
  const self = fleet.replica(local.replicaId);
  return self?.instance_id === local.instanceId ? fleet.readiness().roster : "warming";
}

/** Whether the caller is told more than the status. */
function mayKnow({ caller }: FastifyRequest): boolean {
  return suffices(caller.role, "read");
}

/** `GET /health`, `/livez` and `/readyz`; each says by its status what its body says. */
export function registerHealth(app: FastifyInstance, options: RouteOptions): void {
  const { store, probe, clock } = options;

  app.get("/livez", async (): Promise<LivenessAnswer> => {
    return { status: "alive", timestamp: timestamp(clock) };
  });

  app.get("/health", async (request, reply): Promise<HealthAnswer> => {
    const { isConnected, latencyInMs } = await probe();
    const isHealthy = isConnected || store === null;
    if (!isHealthy) {
      void reply.code(503).headers(RETRY);
    }
    return {
      status: isHealthy ? "healthy" : "unhealthy",
      ...(mayKnow(request) && { redis: { connected: isConnected, latency_ms: latencyInMs } }),
      timestamp: timestamp(clock),
    };
  });

  app.get("/readyz", async (request, reply): Promise<ReadinessAnswer> => {
    const redis = store === null ? null : { connected: (await probe()).isConnected };
    const { busConnected } = options.fleet.readiness();
    const roster = rosterOf(options);
    const isReady =
      busConnected && roster === "ready" && redis?.connected !== false && !options.isEnding();
    if (!isReady) {
      void reply.code(503).headers(RETRY);
    }
    return {
      status: isReady ? "ready" : "not_ready",
      ...(mayKnow(request) && { bus: { connected: busConnected }, roster, redis }),
      timestamp: timestamp(clock),
    };
  });
}
