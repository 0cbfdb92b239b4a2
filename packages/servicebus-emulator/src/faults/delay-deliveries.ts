import type { Fault } from "./fault.ts";
import { holdDeliveries } from "./hold-deliveries.ts";
import { requiredNumber } from "./read-options.ts";

const longestInMs = 600_000;

/** A message is delivered no earlier than a time after it was sent; order is kept. */
export const delayDeliveries: Fault = {
  canLast: true,
  prepare: (options) => {
    const delayInMs = requiredNumber(options, "delayInMs", { min: 1, max: longestInMs });
    return (target) => ({
      kind: "lasting",
      end: holdDeliveries(target, {
        waitInMs: ({ message }, now) => message.enqueuedAt + delayInMs - now,
      }),
    });
  },
};
