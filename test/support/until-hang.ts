import type { FleetStatus } from "@fleetquake/contract";
import type { StartedFleet } from "./start-fleet.ts";
import { waitFor } from "./wait-for.ts";

/** Until the fleet says of itself that somebody hangs, or that nobody does. */
export async function untilHang(fleet: StartedFleet, isActive: boolean): Promise<void> {
  await waitFor(
    async () => (await fleet.get<FleetStatus>("/chaos/status")).body.hang.active === isActive,
    { what: `a fleet ${isActive ? "that hangs" : "without a hang"}`, timeoutInMs: 15_000 },
  );
}
