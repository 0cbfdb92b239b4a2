/** Statuses that say when to come back. */
export const RETRY_STATUSES: ReadonlySet<number> = new Set([409, 429, 503]);
