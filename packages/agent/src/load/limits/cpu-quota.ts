import type { CgroupFolders } from "./cgroup-folders.ts";
import type { ReadText } from "./read-text.ts";

/**
 * The processor time that a process may use, in cores: the smallest quota of its control groups
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html, `cpu.max`; for version 1
 * https://docs.kernel.org/scheduler/sched-bwc.html).
 * @returns null when there is none.
 */
export function cpuQuotaInCores(
  { version, folders }: CgroupFolders,
  read: ReadText,
): number | null {
  const quotas = folders
    .map((folder) =>
      version === 2 ? quotaOfVersion2(folder, read) : quotaOfVersion1(folder, read),
    )
    .filter((quota) => quota !== null);
  return quotas.length === 0 ? null : Math.min(...quotas);
}

function quotaOfVersion2(folder: string, read: ReadText): number | null {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? "").trim().split(" ");
  return cores(quota, period);
}

function quotaOfVersion1(folder: string, read: ReadText): number | null {
  const quota = read(`${folder}/cpu.cfs_quota_us`)?.trim();
  return cores(quota, read(`${folder}/cpu.cfs_period_us`)?.trim());
}

/** No quota is "max" in version 2 and -1 in version 1. */
function cores(quota: string | undefined, period: string | undefined): number | null {
  const value = Number(quota) / Number(period);
  return Number.isFinite(value) && value > 0 ? value : null;
}
