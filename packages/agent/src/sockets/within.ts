import type { Clock } from "@fleetquake/contract";

/** Resolves after a span; it keeps no process alive. */
export function pause(clock: Clock, spanInMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(spanInMs, resolve);
  });
}

/** What a promise comes to, or null when that takes longer than a span; the promise itself goes on. */
export async function within<T>(
  promise: Promise<T>,
  { clock, timeoutInMs }: { readonly clock: Clock; readonly timeoutInMs: number },
): Promise<T | null> {
  let timer = { cancel: (): void => undefined };
  const late = new Promise<null>((resolve) => {
    timer = clock.after(timeoutInMs, () => resolve(null));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.cancel();
  }
}
