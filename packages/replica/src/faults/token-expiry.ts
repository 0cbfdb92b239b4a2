import type { BrokerTime, Clock } from "@fleetquake/contract";
import type { TokenExpirySwitch } from "../ports/token-expiry-switch.ts";
import { LastingFault } from "./lasting-fault.ts";
import { refuseOrder } from "./refuse-order.ts";

/** Lets authentications at Redis use an expired token. */
export function tokenExpiry(
  expirySwitch: TokenExpirySwitch,
  { clock, time }: { readonly clock: Clock; readonly time: BrokerTime },
): LastingFault {
  return new LastingFault({
    name: "token-expiry",
    clock,
    time,
    end: () => expirySwitch.end(),
    read(command) {
      if (command.fault !== "token-expiry" || command.action !== "inject") {
        return refuseOrder(command);
      }
      return {
        durationInSeconds: command.parameters.duration_seconds,
        details: {},
        begin: async (endsAtMonotonicInMs) => {
          await expirySwitch.begin({ endsAtMonotonicInMs });
          return undefined;
        },
      };
    },
  });
}
