import type { Percentiles } from "@fleetquake/contract";

/** Nearest-rank percentiles: each is a value that was measured. Null for no value. */
export function percentiles(values: readonly number[]): Percentiles | null {
  const sorted = values.toSorted((first, second) => first - second);
  const max = sorted.at(-1);
  if (max === undefined) {
    return null;
  }
  const rank = (share: number): number =>
    sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? max;
  return { p50: rank(0.5), p95: rank(0.95), max };
}
