import type { BusTier, ReplicaStatus } from "@fleetquake/contract";
import type { CoordinatorOptions } from "@fleetquake/coordinator";

export type FleetPace = Pick<
  CoordinatorOptions,
  "busTier" | "heartbeatIntervalInMs" | "heartbeatsPerSecond" | "deadlineFloorInMs"
>;

/** What the standard tier of Service Bus grants a namespace in a second. */
const CREDITS_PER_SECOND = 1_000;
const LEAST_FLOOR_IN_MS = 5_000;

/**
 * How often replicas report and how long a reset must at least be given.
 *
 * In the standard tier one reset of N replicas, heard by A API replicas, costs N(3 + 2A) credits, and twice the time in
 * which these are granted is the shortest deadline that the fleet can meet.
 */
export function fleetPace(
  busTier: BusTier,
  replicas: () => readonly Pick<ReplicaStatus, "role" | "state">[],
): FleetPace {
  switch (busTier) {
    case "embedded":
      return {
        busTier,
        heartbeatIntervalInMs: 1_000,
        heartbeatsPerSecond: 100,
        deadlineFloorInMs: () => 0,
      };
    case "premium":
      return {
        busTier,
        heartbeatIntervalInMs: 5_000,
        heartbeatsPerSecond: 100,
        deadlineFloorInMs: () => LEAST_FLOOR_IN_MS,
      };
    case "standard":
      return {
        busTier,
        heartbeatIntervalInMs: 10_000,
        heartbeatsPerSecond: 25,
        deadlineFloorInMs: (expectedReplicas) => {
          const present = replicas().filter(
            ({ role, state }) => role === "api" && state !== "left",
          );
          const credits = expectedReplicas * (3 + 2 * Math.max(1, present.length));
          return Math.max(LEAST_FLOOR_IN_MS, (credits / CREDITS_PER_SECOND) * 1_000 * 2);
        },
      };
  }
}
