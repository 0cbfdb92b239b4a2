import type { Coordinator } from "@fleetquake/coordinator";

/** What the routes need of the coordinator; all but those that send a command answer from memory. */
export type FleetControl = Pick<
  Coordinator,
  | "inject"
  | "recover"
  | "halt"
  | "release"
  | "conflict"
  | "haltRefusal"
  | "newCommandId"
  | "dryRun"
  | "status"
  | "replicas"
  | "replica"
  | "commands"
  | "command"
  | "readiness"
>;
