import type { Clock, Timer } from "./clock.ts";

/** Node fires a timer above 2^31 - 1 ms at once, so that a longer one is chained. */
const LONGEST_TIMER_IN_MS = 2 ** 31 - 1;

/** The machine's clock; `monotonicInMs` has one origin for all threads of a process. */
export const systemClock: Clock = {
  nowInMs: () => Date.now(),
  monotonicInMs: () => Number(process.hrtime.bigint()) / 1e6,
  after(spanInMs, callback): Timer {
    let handle: NodeJS.Timeout | undefined;
    const arm = (leftInMs: number): void => {
      const legInMs = Math.min(Math.max(0, leftInMs), LONGEST_TIMER_IN_MS);
      handle = setTimeout(() => {
        if (leftInMs > legInMs) {
          arm(leftInMs - legInMs);
        } else {
          callback();
        }
      }, legInMs);
      handle.unref();
    };
    arm(spanInMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
