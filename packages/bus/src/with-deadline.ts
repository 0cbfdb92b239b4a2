import type { Clock } from "@fleetquake/contract";
import { OperationSignal, type EndSignal } from "./operation-signal.ts";

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly timeoutInMs: number;
  /** What is waited for, for the error's message: "the broker's answer". */
  readonly subject: string;
  /** Any of these ends the wait early, with its reason. */
  readonly abortSignals?: readonly (EndSignal | undefined)[];
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
  run: (abortSignal: EndSignal) => Promise<T>,
): Promise<T> {
  const signals = (options.abortSignals ?? []).filter((signal) => signal !== undefined);
  const fired = signals.find((signal) => signal.aborted);
  if (fired !== undefined) {
    throw asError(fired.reason);
  }
  const operation = new OperationSignal();
  let end = (_error: Error): void => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = (error) => {
      reject(error);
      operation.abort(error);
    };
  });
  const onAbort = (): void => end(asError(signals.find((signal) => signal.aborted)?.reason));
  const timer = options.clock.after(options.timeoutInMs, () => end(exceeded(options)));
  for (const signal of signals) {
    signal.addEventListener("abort", onAbort, { once: true });
  }
  try {
    return await Promise.race([run(operation), ended]);
  } finally {
    timer.cancel();
    for (const signal of signals) {
      signal.removeEventListener("abort", onAbort);
    }
  }
}

function exceeded({ subject, timeoutInMs }: DeadlineOptions): DeadlineExceededError {
  return new DeadlineExceededError(`No sign of ${subject} within ${Math.round(timeoutInMs)} ms`);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("Aborted", { cause: reason });
}
