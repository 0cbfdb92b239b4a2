import type { ConnectionSet } from "../ports/connection-set.ts";
import type { ReplicaFault } from "./replica-fault.ts";

/** Closes every live Redis connection of the process, at once or after draining. */
export function redisReset(connections: ConnectionSet): ReplicaFault {
  return {
    name: "redis-reset",
    inject: (command, { expiresAtMonotonicInMs, onInjected }) =>
      connections.close({
        commandId: command.command_id,
        force: command.parameters.force,
        drainTimeoutInMs: command.parameters.drain_timeout_ms,
        expiresAtMonotonicInMs,
        onClosed: onInjected,
      }),
  };
}
