import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.ts";

const ROOT = "/sys/fs/cgroup";
const MB = 1024 * 1024;
const PERIOD_IN_US = 100_000;

export interface SmallCgroupOptions {
  readonly cpuQuotaInCores: number;
  readonly memoryLimitInMb: number;
}

/** A control group of the test's own, with small limits. */
export interface SmallCgroup extends AsyncDisposable {
  /** Moves a process with all its threads into the group; its memory stays with the group before. */
  add(pid: number): void;
}

/**
 * Makes a control group of version 2, or of version 1 where the controllers belong to that; it is removed with the test.
 * @throws Error when this machine does not let us.
 */
export function makeSmallCgroup(options: SmallCgroupOptions): SmallCgroup {
  const name = `fleetquake-test-${process.pid}-${Date.now()}`;
  const quotaInUs = options.cpuQuotaInCores * PERIOD_IN_US;
  const memoryInBytes = options.memoryLimitInMb * MB;
  if (existsSync(join(ROOT, "cgroup.controllers"))) {
    writeFileSync(join(ROOT, "cgroup.subtree_control"), "+cpu +memory");
    const folder = join(ROOT, name);
    return makeGroup([
      { folder, file: "cpu.max", value: `${quotaInUs} ${PERIOD_IN_US}` },
      { folder, file: "memory.max", value: `${memoryInBytes}` },
    ]);
  }
  return makeGroup([
    { folder: join(ROOT, "cpu", name), file: "cpu.cfs_quota_us", value: `${quotaInUs}` },
    {
      folder: join(ROOT, "memory", name),
      file: "memory.limit_in_bytes",
      value: `${memoryInBytes}`,
    },
  ]);
}

interface Limit {
  readonly folder: string;
  readonly file: string;
  readonly value: string;
}

function makeGroup(limits: readonly Limit[]): SmallCgroup {
  const folders = new Set(limits.map(({ folder }) => folder));
  const remove = (): void => {
    for (const folder of folders) {
      if (existsSync(folder)) {
        rmdirSync(folder);
      }
    }
  };
  try {
    folders.forEach((folder) => mkdirSync(folder));
    limits.forEach(({ folder, file, value }) => writeFileSync(join(folder, file), value));
  } catch (error) {
    remove();
    throw error;
  }
  return {
    add: (pid) =>
      folders.forEach((folder) => writeFileSync(join(folder, "cgroup.procs"), String(pid))),
    async [Symbol.asyncDispose]() {
      // The kernel lets go of a group some time after its last process.
      await until(() => {
        remove();
        return true;
      });
    },
  };
}
