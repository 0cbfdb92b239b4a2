import { AmqpError } from "../amqp/amqp-error.ts";
import type { Clock } from "./clock.ts";
import type { NextSessionRequest } from "./session-store.ts";

/** Receivers that wait for the next free session, first come, first served. */
export class SessionWaiters {
  readonly #clock: Clock;
  readonly #cancels = new Map<NextSessionRequest, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#cancels.size;
  }

  /** Adds a request until it is served, times out, or the returned function is called. */
  add(request: NextSessionRequest): () => void {
    const cancel = this.#clock.schedule(request.timeoutInMs, () => {
      this.#cancels.delete(request);
      request.timedOut(
        new AmqpError("com.microsoft:timeout", "No session became available in time."),
      );
    });
    this.#cancels.set(request, cancel);
    return () => {
      this.#remove(request);
    };
  }

  /** Takes the request that has waited longest. */
  take(): NextSessionRequest | undefined {
    const [first] = this.#cancels.keys();
    if (first !== undefined) {
      this.#remove(first);
    }
    return first;
  }

  /** Forgets all requests, without notice. */
  close(): void {
    for (const request of this.#cancels.keys()) {
      this.#remove(request);
    }
  }

  #remove(request: NextSessionRequest): void {
    this.#cancels.get(request)?.();
    this.#cancels.delete(request);
  }
}
