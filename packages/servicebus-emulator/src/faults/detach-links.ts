import { AmqpError } from "../amqp/amqp-error.ts";
import type { Fault } from "./fault.ts";
import { requiredEntity } from "./read-options.ts";

/** Links to an entity are detached by force, as when Service Bus moves it to another machine. */
export const detachLinks: Fault = {
  canLast: false,
  prepare: (options) => {
    const find = requiredEntity(options);
    const count = options.wholeNumber("count", { min: 1, max: 1_000_000 });
    return (target) => {
      const affected = find(target).use.detach(
        new AmqpError(
          "amqp:link:detach-forced",
          "The link was detached by the fault 'detach-links' of the broker.",
        ),
        { count },
      );
      return { kind: "done", affected };
    };
  },
};
