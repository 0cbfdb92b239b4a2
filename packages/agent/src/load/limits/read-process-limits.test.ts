import { describe, expect, it } from "vitest";
import { readProcessLimits } from "./read-process-limits.ts";

const MB = 1024 * 1024;
const V2_MOUNT = "30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";

/** The limits that a machine with these files shows. */
function limitsOf(files: Readonly<Record<string, string>>) {
  return readProcessLimits((path) => files[path] ?? null);
}

function memoryFilesOfVersion2(folder: string, figures: readonly [string, number, number]) {
  const [limit, usedInMb, cacheInMb] = figures;
  return {
    [`${folder}/memory.max`]: `${limit}\n`,
    [`${folder}/memory.current`]: `${usedInMb * MB}\n`,
    [`${folder}/memory.stat`]: `anon 4096\ninactive_anon 7\ninactive_file ${cacheInMb * MB}\nactive_file 9\n`,
  };
}

describe("the limits of a process", () => {
  it("are read from its control group of version 2, the file cache that nobody uses left out", () => {
    expect(
      limitsOf({
        "/proc/self/cgroup": "0::/\n",
        "/proc/self/mountinfo": V2_MOUNT,
        "/sys/fs/cgroup/cpu.max": "50000 100000\n",
        ...memoryFilesOfVersion2("/sys/fs/cgroup", [`${512 * MB}`, 200, 40]),
      }),
    ).toEqual({
      cpuQuotaInCores: 0.5,
      memory: { of: "container", limitInBytes: 512 * MB, workingSetInBytes: 160 * MB },
    });
  });

  it("are the smallest of its own group's and of its ancestors'", () => {
    const pod = "/sys/fs/cgroup/kubepods.slice/pod1";
    const files = {
      "/proc/self/cgroup": "0::/kubepods.slice/pod1/app\n",
      "/proc/self/mountinfo": V2_MOUNT,
      [`${pod}/app/cpu.max`]: "200000 100000\n",
      [`${pod}/cpu.max`]: "75000 50000\n",
      "/sys/fs/cgroup/kubepods.slice/cpu.max": "max 100000\n",
      // The application's own group has 400 MB of room, its pod, which it shares, 55 MB.
      ...memoryFilesOfVersion2(`${pod}/app`, [`${500 * MB}`, 50, 0]),
      ...memoryFilesOfVersion2(pod, [`${1_000 * MB}`, 900, 55]),
      ...memoryFilesOfVersion2("/sys/fs/cgroup/kubepods.slice", ["max", 5_000, 0]),
    };
    expect(limitsOf(files)).toEqual({
      cpuQuotaInCores: 1.5,
      memory: { of: "container", limitInBytes: 1_000 * MB, workingSetInBytes: 845 * MB },
    });
  });

  it("are read from the controllers' own groups where version 1 has them, whatever version 2 says", () => {
    const limits = limitsOf({
      "/proc/self/cgroup": "4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
      "/proc/self/mountinfo": [
        "31 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
        "32 31 0:32 / /sys/fs/cgroup/memory rw shared:5 master:1 - cgroup cgroup rw,memory",
        "33 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
      ].join("\n"),
      "/sys/fs/cgroup/unified/docker/abc/cpu.max": "1000 100000",
      "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "25000\n",
      "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": `${300 * MB}\n`,
      "/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes": `${120 * MB}\n`,
      "/sys/fs/cgroup/memory/docker/abc/memory.stat": `inactive_file 1\ntotal_inactive_file ${20 * MB}\n`,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": `${900 * MB}\n`,
    });
    expect(limits).toEqual({
      cpuQuotaInCores: 0.25,
      memory: { of: "container", limitInBytes: 300 * MB, workingSetInBytes: 100 * MB },
    });
  });

  it("are found in a container that is told its path on the host and sees only its own group", () => {
    const limits = limitsOf({
      "/proc/self/cgroup": "2:cpu:/docker/abc\n0::/../../elsewhere\n",
      "/proc/self/mountinfo": [
        String.raw`31 23 0:29 /docker/abc /sys/fs/my\040groups/cpu rw - cgroup cgroup rw,cpu`,
        "30 24 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw",
      ].join("\n"),
      "/sys/fs/my groups/cpu/cpu.cfs_quota_us": "300000",
      "/sys/fs/my groups/cpu/cpu.cfs_period_us": "100000",
      ...memoryFilesOfVersion2("/sys/fs/cgroup", [`${256 * MB}`, 206, 6]),
    });
    expect(limits).toEqual({
      cpuQuotaInCores: 3,
      memory: { of: "container", limitInBytes: 256 * MB, workingSetInBytes: 200 * MB },
    });
  });

  it("are the machine's memory alone where nothing is limited", () => {
    const limits = limitsOf({
      "/proc/self/cgroup": "0::/user.slice\n",
      "/proc/self/mountinfo": V2_MOUNT,
      "/proc/meminfo":
        "MemTotal:        4096 kB\nMemFree:           10 kB\nMemAvailable:    1024 kB\n",
      "/sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
      ...memoryFilesOfVersion2("/sys/fs/cgroup/user.slice", ["max", 3, 1]),
    });
    expect(limits).toEqual({
      cpuQuotaInCores: null,
      memory: { of: "machine", limitInBytes: 4 * MB, workingSetInBytes: 3 * MB },
    });
  });

  it("are the machine's memory where that is scarcer than the container's limit", () => {
    const limits = limitsOf({
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": V2_MOUNT,
      "/proc/meminfo": `MemTotal: ${2_000 * 1024} kB\nMemAvailable: ${300 * 1024} kB\n`,
      ...memoryFilesOfVersion2("/sys/fs/cgroup", [`${1_500 * MB}`, 100, 0]),
    });
    expect(limits.memory).toEqual({
      of: "machine",
      limitInBytes: 2_000 * MB,
      workingSetInBytes: 1_700 * MB,
    });
  });

  it.each<[string, Record<string, string>]>([
    ["there are no such files", {}],
    [
      "the group's files are missing",
      { "/proc/self/cgroup": "0::/", "/proc/self/mountinfo": V2_MOUNT },
    ],
    ["no control groups are mounted", { "/proc/self/cgroup": "0::/\n2:cpu:/a" }],
    ["the process is in no group", { "/proc/self/mountinfo": V2_MOUNT, "/proc/self/cgroup": "" }],
    [
      "the files hold nonsense",
      {
        "/proc/self/cgroup": "hello\n0::/\n",
        "/proc/self/mountinfo": `what is this\n${V2_MOUNT}`,
        "/proc/meminfo": "MemTotal: many kB\n",
        "/sys/fs/cgroup/cpu.max": "",
        "/sys/fs/cgroup/memory.max": "lots",
        "/sys/fs/cgroup/memory.current": "",
      },
    ],
  ])("are not known when %s", (_, files) => {
    expect(limitsOf(files)).toEqual({ cpuQuotaInCores: null, memory: null });
  });
});
