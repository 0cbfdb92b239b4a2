import { RedisOperationError } from "./redis-operation-error.ts";

interface Waiter<T> {
  readonly serve: (value: T) => void;
  readonly turnAway: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Callers who wait for something, in the order of their coming, each with a deadline. */
export class WaitingLine<T> {
  readonly #waiters = new Set<Waiter<T>>();

  get length(): number {
    return this.#waiters.size;
  }

  /** @throws {RedisOperationError} when nothing came within the span. */
  join(timeoutInMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const message = `no connection became free within ${Math.round(timeoutInMs)} ms`;
        reject(new RedisOperationError(message, { isConnectionFailure: true }));
      }, timeoutInMs);
      timer.unref();
      const waiter: Waiter<T> = { serve: resolve, turnAway: reject, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Gives the first in line what he waits for; false when nobody waits. */
  serveFirst(value: T): boolean {
    const waiter = this.#leave();
    waiter?.serve(value);
    return waiter !== undefined;
  }

  /** Tells the first in line that it will not come. */
  turnAwayFirst(error: Error): void {
    this.#leave()?.turnAway(error);
  }

  /** Sends everybody away. */
  dismiss(error: Error): void {
    while (this.#waiters.size > 0) {
      this.turnAwayFirst(error);
    }
  }

  #leave(): Waiter<T> | undefined {
    const [waiter] = this.#waiters;
    if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      clearTimeout(waiter.timer);
    }
    return waiter;
  }
}
