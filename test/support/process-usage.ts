import { readdirSync, readFileSync } from "node:fs";

/** What Linux counts processor time in, on every platform that Node runs on: hundredths of a second. */
const TICK_IN_MS = 10;

/** What a process has used and holds, as an outsider sees it under /proc. */
export interface ProcessUsage {
  /** By the machine's monotonic clock, the same for all processes. */
  readonly atMonotonicInMs: number;
  /** Processor time of all its threads since its beginning. */
  readonly processorInMs: number;
  readonly residentInMb: number;
  readonly threads: number;
}

/** Reads what a process uses now. @throws when it is not running. */
export function processUsage(pid: number): ProcessUsage {
  // The name stands in parentheses and may hold spaces; utime and stime are the fields 14 and 15, the state is the third.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /su, "")
    .split(" ");
  const resident = /VmRSS:\s+(?<kb>\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return {
    atMonotonicInMs: Number(process.hrtime.bigint()) / 1e6,
    processorInMs: (Number(fields[11]) + Number(fields[12])) * TICK_IN_MS,
    residentInMb: Number(resident?.groups?.["kb"]) / 1024,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

/** How many cores a process used between two readings. */
export function coresUsed(before: ProcessUsage, after: ProcessUsage): number {
  return (
    (after.processorInMs - before.processorInMs) / (after.atMonotonicInMs - before.atMonotonicInMs)
  );
}
