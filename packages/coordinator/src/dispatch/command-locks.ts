import type { CommandFault, CommandOrder } from "@fleetquake/contract";
import type { FleetLock, HeldLock, WithLockOptions } from "../ports/fleet-lock.ts";

/** The lock of a fault while it is held. */
export interface HeldFaultLock extends HeldLock {
  readonly fault: CommandFault;
}

/**
 * The faults whose records an order changes: a reset that keeps connections out begins a block, too. In the order in which
 * their locks are taken, always the same, so that no two commands wait for each other.
 */
export function lockedFaults(order: CommandOrder): readonly CommandFault[] {
  const isBlocking = order.fault === "redis-reset" && order.parameters.block_seconds !== undefined;
  return isBlocking ? [order.fault, "redis-block"] : [order.fault];
}

/**
 * Takes the locks of several faults one after the other, runs `use` with all of them, and gives them back.
 * @throws what {@link FleetLock.withLock} throws, for whichever of them
 */
export function withFaultLocks<T>(
  { lock, faults }: { readonly lock: FleetLock; readonly faults: readonly CommandFault[] },
  use: (held: readonly HeldFaultLock[]) => Promise<T>,
  options: WithLockOptions,
): Promise<T> {
  const take = (taken: readonly HeldFaultLock[]): Promise<T> => {
    const fault = faults[taken.length];
    return fault === undefined
      ? use(taken)
      : lock.withLock(
          fault,
          (held) =>
            take([
              ...taken,
              { fault, read: () => held.read(), write: (record) => held.write(record) },
            ]),
          options,
        );
  };
  return take([]);
}
