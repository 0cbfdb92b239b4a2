import type { LoadLevel } from "@fleetquake/contract";

/** What a level of load asks for. */
export interface LoadProfile {
  /** Of one core, or of the quota where that is smaller than a core. */
  readonly processorShare: number;
  readonly memoryInMb: number;
}

/** What each level of load asks for. */
export const LOAD_PROFILES: Readonly<Record<LoadLevel, LoadProfile>> = {
  low: { processorShare: 0.3, memoryInMb: 100 },
  medium: { processorShare: 0.6, memoryInMb: 500 },
  high: { processorShare: 0.9, memoryInMb: 1_000 },
};

/** As the limits of containers and the kernel's figures count. */
export const BYTES_PER_MB = 1024 * 1024;
