import type { SamplePool } from "@fleetquake/redis";

/** The sample application's Redis; null where Redis is disabled. */
export type SampleStore = Pick<SamplePool, "run"> | null;
