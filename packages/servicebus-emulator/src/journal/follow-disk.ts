import type { AmqpError } from "../amqp/amqp-error.ts";
import type { DeliveryHold, FaultHooks } from "../faults/fault-hooks.ts";

/** How long deliveries wait until they look again whether the disk works, in milliseconds. */
const holdInMs = 1000;

/**
 * Makes the broker's paths follow its disk: while that fails, changes are refused and nothing is delivered, as
 * a delivery changes what is kept. What only reads goes on.
 *
 * @param dispatch delivers what has waited.
 */
export function followDisk(
  hooks: FaultHooks,
  dispatch: () => void,
): (refusal: AmqpError | undefined) => void {
  const hold: DeliveryHold = { waitInMs: () => holdInMs };
  return (refusal) => {
    hooks.refusesChanges = refusal;
    if (refusal === undefined) {
      hooks.holds.delete(hold);
      dispatch();
    } else {
      hooks.holds.add(hold);
    }
  };
}
