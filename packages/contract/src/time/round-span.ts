/** A span in milliseconds to the microsecond: what is finer is noise, and a reader has to step over its digits. */
export function roundSpan(spanInMs: number): number {
  return Math.round(spanInMs * 1_000) / 1_000;
}
