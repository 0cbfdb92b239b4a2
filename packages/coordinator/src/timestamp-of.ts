/** The last moment that four digits of a year can hold. */
const LAST_MOMENT_IN_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A moment as the contract's timestamp; one that the format cannot hold becomes the nearest that it can. */
export function timestampOf(atInMs: number): string {
  return new Date(Math.min(Math.max(atInMs, 0), LAST_MOMENT_IN_MS)).toISOString();
}
