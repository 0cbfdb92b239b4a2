import type { FleetStatus } from "@fleetquake/contract";
import type { RequestHangs } from "./faults/request-hangs.ts";

/** The fleet's status with the hang of a request of this API, which the fleet does not know of. */
export function withOwnHang(status: FleetStatus, hangs: RequestHangs): FleetStatus {
  return hangs.status.active ? { ...status, hang: hangs.status } : status;
}
