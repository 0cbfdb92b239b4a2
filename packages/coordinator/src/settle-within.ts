import type { Clock } from "@fleetquake/contract";

/**
 * Waits for a promise, at most for a span.
 * @returns whether it was settled by then; what it was settled with is the caller's to look at.
 */
export function settleWithin(
  clock: Clock,
  promise: Promise<unknown>,
  spanInMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(spanInMs, () => resolve(false));
    const settled = (): void => {
      timer.cancel();
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
