import type { Clock } from "@fleetquake/contract";

/** Waits until a promise settles or a span has passed, and says whether it settled; never rejects. */
export function settledWithin(
  promise: Promise<unknown>,
  spanInMs: number,
  clock: Clock,
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(spanInMs, () => resolve(false));
    const settle = (): void => {
      timer.cancel();
      resolve(true);
    };
    promise.then(settle, settle);
  });
}
