import { findCgroupFolders } from "./cgroup-folders.ts";
import { cpuQuotaInCores } from "./cpu-quota.ts";
import {
  memoryRoomOfMachine,
  memoryRoomsOf,
  usableInBytes,
  type MemoryRoom,
} from "./memory-room.ts";
import { parseCgroupMembership } from "./parse-cgroup-membership.ts";
import { parseMounts } from "./parse-mounts.ts";
import type { ReadText } from "./read-text.ts";

/** What this process may use. */
export interface ProcessLimits {
  /** null: no quota is known. */
  readonly cpuQuotaInCores: number | null;
  /** The scarcest of its containers' and the machine's; null: no limit is known. */
  readonly memory: MemoryRoom | null;
}

/** Reads the limits of this process: its own control group's and its ancestors', and the machine's memory. */
export function readProcessLimits(read: ReadText): ProcessLimits {
  const membership = parseCgroupMembership(read("/proc/self/cgroup") ?? "");
  const mounts = parseMounts(read("/proc/self/mountinfo") ?? "");
  const cpu = findCgroupFolders("cpu", { membership, mounts });
  const memory = findCgroupFolders("memory", { membership, mounts });
  const machine = memoryRoomOfMachine(read("/proc/meminfo"));
  const rooms = [
    ...(memory === null ? [] : memoryRoomsOf(memory, read)),
    ...(machine === null ? [] : [machine]),
  ];
  return {
    cpuQuotaInCores: cpu === null ? null : cpuQuotaInCores(cpu, read),
    memory: rooms.toSorted((a, b) => usableInBytes(a) - usableInBytes(b))[0] ?? null,
  };
}
