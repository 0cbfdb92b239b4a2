import type { Coordinator } from "@fleetquake/coordinator";

/** What the routes need of the coordinator; all but `inject` answer from memory. */
export type FleetControl = Pick<
  Coordinator,
  "inject" | "dryRun" | "status" | "replicas" | "replica" | "commands" | "command" | "readiness"
>;
