import { readFileSync } from "node:fs";

/** What the kernel says of a process (Linux). */
export interface ProcessUsage {
  /** Processor time of all of its threads so far, in milliseconds. */
  readonly cpuInMs: number;
  readonly residentInMb: number;
}

/** Ticks a second and bytes a page, as on every Linux that Node runs on. */
const TICK_IN_MS = 10;
const PAGE_IN_BYTES = 4_096;

/** Reads /proc; a process that has ended throws. */
export function processUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [, resident = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return {
    cpuInMs: (Number(fields[11]) + Number(fields[12])) * TICK_IN_MS,
    residentInMb: (Number(resident) * PAGE_IN_BYTES) / 2 ** 20,
  };
}
