import type { CommandOrder } from "@fleetquake/contract";

const DEFAULT_IN_MS = 5_000;
/** Beside the drain itself: the way there and back. */
const DRAIN_ALLOWANCE_IN_MS = 3_000;

export interface DeadlineOptions {
  readonly order: CommandOrder;
  /** What the caller asked for. */
  readonly askedInMs: number | undefined;
  /** What a fleet of this size needs at least. */
  readonly floorInMs: number;
}

/** How long answers are waited for, in milliseconds; what the caller asked for is raised to the fleet's floor. */
export function deadline(options: DeadlineOptions): number {
  const { order, askedInMs, floorInMs } = options;
  const defaultInMs =
    order.fault === "redis-reset" && !order.parameters.force
      ? order.parameters.drain_timeout_ms + DRAIN_ALLOWANCE_IN_MS
      : DEFAULT_IN_MS;
  return Math.max(askedInMs ?? defaultInMs, floorInMs);
}
