/**
 * Waits for a condition.
 * @throws when it does not hold within the span (milliseconds); the last failure of the condition itself is the cause.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  timeoutInMs = 30_000,
): Promise<void> {
  const deadlineInMs = performance.now() + timeoutInMs;
  let cause: unknown;
  while (performance.now() < deadlineInMs) {
    try {
      if (await holds()) {
        return;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the condition did not hold within ${timeoutInMs} ms`, { cause });
}
