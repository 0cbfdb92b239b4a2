import type { LoadLevel, LoadReport } from "@fleetquake/contract";
import { FaultRefusedError } from "@fleetquake/replica";
import type { ProcessLimits } from "./limits/read-process-limits.ts";
import { BYTES_PER_MB, LOAD_PROFILES } from "./load-profile.ts";
import { memoryShortage } from "./memory-shortage.ts";

/**
 * What a level of load comes to in this process: its share of a core, at most that share of the quota, and its memory.
 * @throws {FaultRefusedError} `INSUFFICIENT_MEMORY` with the figures when the memory is not there.
 */
export function planLoad(level: LoadLevel, limits: ProcessLimits): LoadReport {
  const { processorShare, memoryInMb } = LOAD_PROFILES[level];
  const wantedInBytes = memoryInMb * BYTES_PER_MB;
  const shortage = memoryShortage({ wantedInBytes, heldInBytes: 0 }, limits.memory);
  if (shortage !== null) {
    throw new FaultRefusedError("INSUFFICIENT_MEMORY", shortage);
  }
  const quota = limits.cpuQuotaInCores;
  const isLimited = quota !== null && quota < 1;
  const cores = processorShare * (isLimited ? quota : 1);
  return {
    // Thousandths of a core: the product of two decimal fractions is not quite one.
    cpu_cores: Math.round(cores * 1_000) / 1_000,
    memory_mb: memoryInMb,
    limited_by: isLimited ? "cpu-quota" : null,
  };
}
