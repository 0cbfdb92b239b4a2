import type { CommandOrder } from "@fleetquake/contract";

const DEFAULT_IN_MS = 5_000;
/** A gigabyte that many processes of one machine touch at once takes a while to be in effect. */
const LOAD_IN_MS = 15_000;
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
  return Math.max(askedInMs ?? defaultInMs(order), floorInMs);
}

function defaultInMs(order: CommandOrder): number {
  if (order.fault === "load" && order.action === "inject") {
    return LOAD_IN_MS;
  }
  return order.fault === "redis-reset" && !order.parameters.force
    ? order.parameters.drain_timeout_ms + DRAIN_ALLOWANCE_IN_MS
    : DEFAULT_IN_MS;
}
