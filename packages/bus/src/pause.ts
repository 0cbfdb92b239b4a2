import type { Clock } from "@fleetquake/contract";
import type { EndSignal } from "./operation-signal.ts";

/** Resolves after a span in milliseconds, or as soon as the signal fires. */
export async function pause(
  clock: Clock,
  spanInMs: number,
  abortSignal?: EndSignal,
): Promise<void> {
  if (abortSignal?.aborted === true) {
    return;
  }
  let wake = (): void => undefined;
  const paused = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const timer = clock.after(spanInMs, wake);
  abortSignal?.addEventListener("abort", wake, { once: true });
  await paused;
  timer.cancel();
  abortSignal?.removeEventListener("abort", wake);
}
