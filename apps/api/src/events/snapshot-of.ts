import type { Clock, FleetStatus, LedgerEntry, StreamEvent } from "@fleetquake/contract";
import type { FleetControl } from "../ports/fleet-control.ts";
import { withOwnPart, type OwnPart } from "../with-own-part.ts";

export interface SnapshotOfOptions extends OwnPart {
  readonly fleet: Pick<FleetControl, "status" | "commands">;
  readonly clock: Clock;
}

const MAX_COMMANDS = 20;
/** Rows of all commands together: those of a large fleet are long, and the ledger has the rest. */
const MAX_ROWS = 1_000;

/** How things stand: what `GET /chaos/status` says, and the recent commands. */
export function snapshotOf({ fleet, clock, ...own }: SnapshotOfOptions): StreamEvent {
  const status: FleetStatus = withOwnPart(fleet.status(), own);
  return {
    type: "snapshot",
    at: new Date(clock.nowInMs()).toISOString(),
    status,
    commands: withinRows(fleet.commands({ limit: MAX_COMMANDS }).entries),
  };
}

function withinRows(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  let rows = 0;
  return entries.filter(({ replicas }, index) => {
    rows += replicas.length;
    return index === 0 || rows <= MAX_ROWS;
  });
}
