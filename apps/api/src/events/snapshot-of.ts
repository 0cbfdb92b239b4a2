import type { Clock, FleetStatus, LedgerEntry, StreamEvent } from "@fleetquake/contract";
import type { RequestHangs } from "../faults/request-hangs.ts";
import type { FleetControl } from "../ports/fleet-control.ts";
import { withOwnHang } from "../with-own-hang.ts";

export interface SnapshotOfOptions {
  readonly fleet: Pick<FleetControl, "status" | "commands">;
  readonly hangs: RequestHangs;
  readonly clock: Clock;
}

const MAX_COMMANDS = 20;
/** Rows of all commands together: those of a large fleet are long, and the ledger has the rest. */
const MAX_ROWS = 1_000;

/** How things stand: what `GET /chaos/status` says, and the recent commands. */
export function snapshotOf({ fleet, hangs, clock }: SnapshotOfOptions): StreamEvent {
  const status: FleetStatus = withOwnHang(fleet.status(), hangs);
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
