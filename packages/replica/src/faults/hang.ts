import type { BrokerTime, Clock } from "@fleetquake/contract";
import type { HangSwitch } from "../ports/hang-switch.ts";
import { LastingFault } from "./lasting-fault.ts";
import { refuseOrder } from "./refuse-order.ts";

/** Lets job processors or the event loop stand still. */
export function hang(
  hangSwitch: HangSwitch,
  { clock, time }: { readonly clock: Clock; readonly time: BrokerTime },
): LastingFault {
  return new LastingFault({
    name: "hang",
    clock,
    time,
    end: () => hangSwitch.release(),
    read(command) {
      if (command.fault !== "hang" || command.action !== "inject") {
        return refuseOrder(command);
      }
      const { scope, duration_seconds: durationInSeconds } = command.parameters;
      return {
        durationInSeconds,
        details: { scope },
        begin: async (endsAtMonotonicInMs) => {
          await hangSwitch.begin({ scope, endsAtMonotonicInMs });
          return undefined;
        },
      };
    },
  });
}
