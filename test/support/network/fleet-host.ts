import { settledClientIds } from "../settled-client-ids.ts";
import { startFleet } from "../start-fleet.ts";
import type { FleetHostReply, FleetHostRequest } from "./fleet-in-namespace.ts";

/**
 * Runs a fleet inside the network namespace that it was started in, for a test outside of it: a process's namespace is
 * decided when it starts. It ends with its parent.
 */

const fleet = await startFleet({
  replicas: 2,
  redisUrl: process.argv[2] ?? "",
  env: {
    FLEETQUAKE_RESET_COOLDOWN_MS: "0",
    FLEETQUAKE_WORKER_REDIS_CONNECT_TIMEOUT_MS: "500",
    REDIS_BACKOFF_BASE: "0.1",
  },
});

async function answer(request: FleetHostRequest): Promise<unknown> {
  switch (request.what) {
    case "get":
      return fleet.get(request.path);
    case "post":
      return fleet.post(request.path, request.body);
    case "client-ids":
      return fleet.clientIds();
    case "settled-client-ids":
      return settledClientIds(fleet);
  }
}

async function reply(request: FleetHostRequest): Promise<void> {
  const { id } = request;
  const message: FleetHostReply = await answer(request)
    .then((value) => ({ id, ok: true as const, value }))
    .catch((error: unknown) => ({ id, ok: false as const, error: String(error) }));
  process.send?.(message);
}

process.on("message", (request: FleetHostRequest) => void reply(request));
process.once("disconnect", () => {
  void fleet[Symbol.asyncDispose]().finally(() => process.exit(0));
});
process.send?.({ id: 0, ok: true, value: "ready" } satisfies FleetHostReply);
