export interface HeartbeatBudget {
  /** The shortest interval in milliseconds. */
  readonly heartbeatIntervalInMs: number;
  /** Heartbeats of the whole fleet per second. */
  readonly heartbeatsPerSecond: number;
}

/** The interval at which a fleet of this size stays within its heartbeats per second, in milliseconds. */
export function heartbeatInterval(replicas: number, budget: HeartbeatBudget): number {
  const sharedInMs = Math.ceil((replicas / budget.heartbeatsPerSecond) * 1_000);
  return Math.max(budget.heartbeatIntervalInMs, sharedInMs);
}

/** Whether an interval is far enough from another that replicas should be told; small changes are not worth N answers. */
export function differsByMuch(intervalInMs: number, fromInMs: number): boolean {
  return intervalInMs > fromInMs * 1.5 || intervalInMs * 2 < fromInMs;
}
