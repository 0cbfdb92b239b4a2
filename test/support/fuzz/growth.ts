import { readdirSync } from "node:fs";
import { processUsage } from "../process-usage.ts";

/** What a process held at one moment. */
export interface Holding {
  readonly residentInMb: number;
  /** Files, sockets, timers of the kernel. */
  readonly descriptors: number;
}

/** Reads what a process holds now. @throws when it is not running. */
export function readHolding(pid: number): Holding {
  return {
    residentInMb: processUsage(pid).residentInMb,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/**
 * By how much the last third of a run lies above the middle third; the first is warming up.
 * @returns the ratio of the medians, 1 for no growth
 */
export function growthOf(values: readonly number[]): number {
  const third = Math.floor(values.length / 3);
  return median(values.slice(2 * third)) / median(values.slice(third, 2 * third));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** How what was held grew, as a line of a test's output says it. */
export function describeGrowth(holdings: readonly Holding[]): {
  readonly resident: number;
  readonly descriptors: number;
  readonly line: string;
} {
  const resident = growthOf(holdings.map(({ residentInMb }) => residentInMb));
  const descriptors = growthOf(holdings.map((one) => one.descriptors));
  const line = `resident memory x${resident.toFixed(2)}, files x${descriptors.toFixed(2)}\n`;
  return { resident, descriptors, line };
}
