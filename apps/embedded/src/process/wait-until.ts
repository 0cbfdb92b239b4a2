import { setTimeout as pause } from "node:timers/promises";

export interface WaitUntilOptions {
  readonly timeoutInMs: number;
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
  /** @default 50 */
  readonly pollInMs?: number;
  readonly abortSignal?: AbortSignal;
}

/**
 * Asks again and again until the answer is something other than false, null or undefined.
 * @throws Error naming `what` when the timeout has passed; its cause is what the last question threw, if it did.
 */
export async function waitUntil<T>(
  question: () => T | Promise<T>,
  options: WaitUntilOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const endInMs = performance.now() + options.timeoutInMs;
  let cause: unknown;
  do {
    options.abortSignal?.throwIfAborted();
    try {
      const answer = await question();
      if (isGiven(answer)) {
        return answer;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await pause(options.pollInMs ?? 50);
  } while (performance.now() < endInMs);
  throw new Error(`no ${options.what} within ${options.timeoutInMs} ms`, { cause });
}

function isGiven<T>(answer: T): answer is Exclude<T, false | null | undefined> {
  return answer !== false && answer !== null && answer !== undefined;
}
