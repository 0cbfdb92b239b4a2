/** Some rounds of one measurement. */
export interface Spread {
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  readonly max: number;
}

/** Where measured values lie; of no values everything is NaN. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95), max: at(1) };
}

/** `17.0 (15.9 .. 20.1)`: the median, and the middle half around it. */
export function formatSpread({ p25, p50, p75 }: Spread, digits = 1): string {
  return `${p50.toFixed(digits)} (${p25.toFixed(digits)} .. ${p75.toFixed(digits)})`;
}
