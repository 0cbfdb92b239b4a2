import type { BrokerTime, Clock } from "@fleetquake/contract";
import type { LoadGenerator } from "../ports/load-generator.ts";
import { LastingFault } from "./lasting-fault.ts";
import { refuseOrder } from "./refuse-order.ts";

/** Burns processor time and holds memory. */
export function load(
  generator: LoadGenerator,
  { clock, time }: { readonly clock: Clock; readonly time: BrokerTime },
): LastingFault {
  return new LastingFault({
    name: "load",
    clock,
    time,
    end: () => generator.stop(),
    read(command) {
      if (command.fault !== "load" || command.action !== "inject") {
        return refuseOrder(command);
      }
      const { level, duration_seconds: durationInSeconds } = command.parameters;
      return {
        durationInSeconds,
        details: { level },
        begin: (endsAtMonotonicInMs) => generator.start({ level, endsAtMonotonicInMs }),
      };
    },
  });
}
