import type { Clock } from "@fleetquake/contract";
import { withDeadline } from "./with-deadline.ts";

export interface TakeTurnOptions {
  readonly timeoutInMs: number;
  readonly abortSignal?: AbortSignal | undefined;
}

/** Lets the users of one thing take turns, first come first served, within this process. */
export class Turns {
  readonly #clock: Clock;
  readonly #last = new Map<string, Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits for one's turn. The returned function ends it, at once or when the given promise settles.
   * @throws {DeadlineExceededError} when the turn did not come in time; it is given up.
   */
  async take(name: string, options: TakeTurnOptions): Promise<(after?: Promise<unknown>) => void> {
    let end = (): void => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    const previous = this.#last.get(name) ?? Promise.resolve();
    const last = previous.then(() => mine);
    this.#last.set(name, last);
    void this.#forgetAfter(name, last);
    try {
      await withDeadline(
        {
          clock: this.#clock,
          timeoutInMs: options.timeoutInMs,
          subject: `a turn at ${name}`,
          abortSignals: [options.abortSignal],
        },
        () => previous,
      );
    } catch (error) {
      end();
      throw error;
    }
    return (after) => {
      if (after === undefined) {
        end();
      } else {
        void after.then(end, end);
      }
    };
  }

  async #forgetAfter(name: string, last: Promise<void>): Promise<void> {
    await last;
    if (this.#last.get(name) === last) {
      this.#last.delete(name);
    }
  }
}
