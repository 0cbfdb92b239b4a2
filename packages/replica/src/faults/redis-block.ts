import type { BrokerTime, Clock } from "@fleetquake/contract";
import type { RedisBlockSwitch } from "../ports/redis-block-switch.ts";
import { LastingFault } from "./lasting-fault.ts";
import { refuseOrder } from "./refuse-order.ts";

/** Keeps new connections to Redis out. */
export function redisBlock(
  blockSwitch: RedisBlockSwitch,
  { clock, time }: { readonly clock: Clock; readonly time: BrokerTime },
): LastingFault {
  return new LastingFault({
    name: "redis-block",
    clock,
    time,
    end: () => blockSwitch.end(),
    read(command) {
      if (command.fault !== "redis-block" || command.action !== "inject") {
        return refuseOrder(command);
      }
      const { mode, duration_seconds: durationInSeconds } = command.parameters;
      return {
        durationInSeconds,
        details: { mode },
        begin: async (endsAtMonotonicInMs) => {
          await blockSwitch.begin({ mode, endsAtMonotonicInMs });
          return undefined;
        },
      };
    },
  });
}
