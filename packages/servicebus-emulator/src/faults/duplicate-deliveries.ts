import type { QueuedMessage } from "../entities/queued-message.ts";
import type { Fault } from "./fault.ts";

/** Each message is delivered twice, with one sequence number and two locks, as after a lost lock. */
export const duplicateDeliveries: Fault = {
  canLast: true,
  prepare: () => (target) => {
    const copies = new WeakSet<QueuedMessage>();
    target.hooks.copies = {
      copyOf: (queued) => {
        if (copies.has(queued)) {
          return undefined;
        }
        const copy = { ...queued };
        copies.add(copy);
        return copy;
      },
    };
    return {
      kind: "lasting",
      end: () => {
        target.hooks.copies = undefined;
      },
    };
  },
};
