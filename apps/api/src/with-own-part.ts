import type { FleetStatus } from "@fleetquake/contract";
import type { RequestHangs } from "./faults/request-hangs.ts";
import type { LoadJobs } from "./jobs/load-jobs.ts";

/** What only this API knows of, and no replica reports. */
export interface OwnPart {
  readonly hangs: Pick<RequestHangs, "status">;
  readonly jobs: Pick<LoadJobs, "status">;
}

/** The fleet's status with this API's own part in it: a request of its own that hangs, the jobs that it feeds. */
export function withOwnPart(status: FleetStatus, { hangs, jobs }: OwnPart): FleetStatus {
  const { status: fed } = jobs;
  return {
    ...status,
    ...(hangs.status.active ? { hang: hangs.status } : {}),
    ...(fed === null ? {} : { jobs: fed }),
  };
}
