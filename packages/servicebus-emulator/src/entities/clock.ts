/** Broker time. Tests give their own; nothing else in the entities reads a clock. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once after a delay in milliseconds; the result cancels it. */
  schedule(delayInMs: number, task: () => void): () => void;
}

/** Node's timers silently fire at once above this. */
const longestDelayInMs = 2 ** 31 - 1;

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayInMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(0, delayInMs), longestDelayInMs));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
