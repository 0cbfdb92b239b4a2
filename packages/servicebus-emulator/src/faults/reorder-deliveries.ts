import type { Fault } from "./fault.ts";
import { holdDeliveries } from "./hold-deliveries.ts";

const defaultWindowInMs = 200;
const longestInMs = 60_000;

/** Messages gather until the oldest has waited for the window; then the newest is delivered first. */
export const reorderDeliveries: Fault = {
  canLast: true,
  prepare: (options) => {
    const range = { min: 1, max: longestInMs };
    const windowInMs = options.wholeNumber("windowInMs", range) ?? defaultWindowInMs;
    return (target) => {
      target.hooks.deliversNewestFirst = true;
      const release = holdDeliveries(target, {
        waitInMs: ({ message }, now) => message.enqueuedAt + windowInMs - now,
      });
      return {
        kind: "lasting",
        end: () => {
          target.hooks.deliversNewestFirst = false;
          release();
        },
      };
    };
  },
};
