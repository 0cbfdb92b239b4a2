import type { ActiveFault, FleetStatus } from "@fleetquake/contract";
import { faultStatusOf } from "./roster/fault-status.ts";
import { replicaStatusOf } from "./roster/replica-status.ts";
import type { RosterRow } from "./roster/roster.ts";
import type { Standing } from "./cool-down.ts";

export interface FleetStatusOptions {
  /** Broker time, ms since 1970. */
  readonly nowInMs: number;
  readonly rosterState: "warming" | "ready";
  readonly bus: FleetStatus["bus"];
  readonly coolingDown: Standing["coolingDown"];
  readonly isHalted: boolean;
}

/** A replica whose clock runs this far ahead says nothing useful about the last reset. */
const TOLERATED_FUTURE_IN_MS = 60_000;

/** Rolls the roster up into the contract's status; `fleet.replicas` counts those who have not left. */
export function fleetStatusOf(
  rows: readonly RosterRow[],
  options: FleetStatusOptions,
): FleetStatus {
  const { nowInMs, coolingDown } = options;
  const count = (state: RosterRow["state"]): number =>
    rows.filter((row) => row.state === state).length;
  const remainingInMs = Math.max(0, (coolingDown?.coolDownUntilInMs ?? 0) - nowInMs);
  return {
    ...faultStatusOf(activeFaults(rows), nowInMs),
    redis: redisOf(rows, nowInMs),
    fleet: {
      replicas: count("active") + count("stale"),
      active: count("active"),
      stale: count("stale"),
      left: count("left"),
    },
    roster: options.rosterState,
    bus: options.bus,
    halted: options.isHalted,
    cool_down: { active: remainingInMs > 0, remaining_ms: Math.ceil(remainingInMs) },
    replicas: rows.map((row) => replicaStatusOf(row, nowInMs)),
  };
}

/** Of those who may still be alive: who has left is under no fault. */
function activeFaults(rows: readonly RosterRow[]): ActiveFault[] {
  return rows
    .filter(({ state }) => state !== "left")
    .flatMap(({ member }) => member.report.active_faults);
}

/** Without an active replica that uses Redis, nobody is connected. */
function redisOf(rows: readonly RosterRow[], nowInMs: number): FleetStatus["redis"] {
  const present = rows.filter((row) => row.state !== "left");
  const users = present
    .filter((row) => row.state === "active")
    .map((row) => row.member.report.redis.connected)
    .filter((connected) => connected !== null);
  const sum = present.reduce((total, row) => total + row.member.report.redis.connection_count, 0);
  return {
    connected: users.length > 0 && users.every(Boolean),
    connection_count: Math.min(sum, Number.MAX_SAFE_INTEGER),
    last_reset: lastReset(rows, nowInMs),
  };
}

function lastReset(rows: readonly RosterRow[], nowInMs: number): string | null {
  const resets = rows
    .map((row) => row.member.report.redis.last_reset)
    .filter((reset) => reset !== null)
    .filter((reset) => Date.parse(reset) <= nowInMs + TOLERATED_FUTURE_IN_MS);
  return resets.toSorted().at(-1) ?? null;
}
