import type { Command } from "@fleetquake/contract";
import type { ConnectionSet } from "../ports/connection-set.ts";
import type { LastingFault } from "./lasting-fault.ts";
import { refuseOrder } from "./refuse-order.ts";
import type { InjectOptions, ReplicaFault } from "./replica-fault.ts";

/**
 * Closes every live Redis connection of the process, at once or after draining. With `block_seconds` the block stands
 * before the first connection is closed, so that none slips back.
 * @param block the process's redis-block; null where it has none
 */
export function redisReset(connections: ConnectionSet, block: LastingFault | null): ReplicaFault {
  return {
    name: "redis-reset",
    async inject(command, options) {
      if (command.fault !== "redis-reset") {
        return refuseOrder(command);
      }
      const {
        force,
        drain_timeout_ms: drainTimeoutInMs,
        block_seconds: seconds,
      } = command.parameters;
      if (seconds !== undefined) {
        await keepOut(block, { command, seconds, options });
      }
      return connections.close({
        commandId: command.command_id,
        force,
        drainTimeoutInMs,
        reportsAddresses: command.parameters.verify === true,
        expiresAtMonotonicInMs: options.expiresAtMonotonicInMs,
        onClosed: options.onInjected,
      });
    },
  };
}

async function keepOut(
  block: LastingFault | null,
  { command, seconds, options }: { command: Command; seconds: number; options: InjectOptions },
): Promise<void> {
  if (block === null) {
    return refuseOrder(command);
  }
  await block.inject(
    {
      ...command,
      fault: "redis-block",
      action: "inject",
      parameters: { mode: "refuse", duration_seconds: seconds },
    },
    { ...options, onInjected: () => undefined },
  );
}
