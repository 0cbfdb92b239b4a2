import { fileURLToPath } from "node:url";
import type { JobLedger, QueueCounts } from "@fleetquake/jobs";
import { startToldApp, type ToldApp } from "./told-app.ts";

/** What the application can be told to do, see `apps/jobs/feeding.mjs`. */
interface Methods {
  start(jobsPerSecond: number): null;
  stop(): null;
  ledger(): JobLedger;
  settle(timeoutInMs: number): JobLedger;
  counts(): QueueCounts;
  close(): null;
}

/** A process that feeds the workers' queue and takes part in the fleet as `feeder`. */
export type FeedingApp = ToldApp<Methods>;

const APP = fileURLToPath(new URL("apps/jobs/feeding.mjs", import.meta.url));
/** A ledger that settles waits for its last job. */
const CALL_TIMEOUT_IN_MS = 120_000;

/** Starts the feeder in a fleet; it adds nothing until it is told to. */
export function startFeedingApp(fleet: {
  readonly redisUrl: string;
  readonly busConnectionString: string;
}): Promise<FeedingApp> {
  return startToldApp<Methods>(APP, {
    env: {
      REDIS_URL: fleet.redisUrl,
      FLEETQUAKE_BUS_CONNECTION_STRING: fleet.busConnectionString,
      FLEETQUAKE_REPLICA_ID: "feeder",
    },
    timeoutInMs: CALL_TIMEOUT_IN_MS,
  });
}
