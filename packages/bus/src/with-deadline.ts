import type { Clock } from "@fleetquake/contract";

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly timeoutInMs: number;
  /** What is waited for, for the error's message: "the broker's answer". */
  readonly subject: string;
  /** Any of these ends the wait early, with its reason. */
  readonly abortSignals?: readonly (AbortSignal | undefined)[];
}

/** Nothing came within the time. */
export class DeadlineExceededError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeadlineExceededError";
  }
}

/**
 * Runs an operation that ends at its deadline even if it does not honour its abort signal.
 * What the operation does afterwards is nobody's business: a late rejection is taken care of.
 * @throws {DeadlineExceededError} when the time is over; the signal's reason when one fired.
 */
export async function withDeadline<T>(
  options: DeadlineOptions,
  run: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const signals = (options.abortSignals ?? []).filter((signal) => signal !== undefined);
  const fired = signals.find((signal) => signal.aborted);
  if (fired !== undefined) {
    throw asError(fired.reason);
  }
  const cleanUps: (() => void)[] = [];
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (error: Error): void => {
      reject(error);
      controller.abort(error);
    };
    const timer = options.clock.after(options.timeoutInMs, () =>
      end(
        new DeadlineExceededError(
          `No sign of ${options.subject} within ${Math.round(options.timeoutInMs)} ms`,
        ),
      ),
    );
    cleanUps.push(() => timer.cancel());
    for (const signal of signals) {
      const onAbort = (): void => end(asError(signal.reason));
      signal.addEventListener("abort", onAbort, { once: true });
      cleanUps.push(() => signal.removeEventListener("abort", onAbort));
    }
  });
  try {
    return await Promise.race([run(controller.signal), ended]);
  } finally {
    for (const cleanUp of cleanUps) {
      cleanUp();
    }
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("Aborted", { cause: reason });
}
