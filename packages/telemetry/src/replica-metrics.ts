import type { RedisState } from "@fleetquake/contract";
import { CONNECTION_KINDS } from "@fleetquake/contract/plain";
import { MetricSet } from "./metric-set.ts";
import { REPLICA_METRICS } from "./metric-table.ts";

/** How a replica stands; from memory. */
export interface ReplicaState {
  readonly busConnected: boolean;
  readonly redis: RedisState;
}

/** A worker as Prometheus reads it. */
export class ReplicaMetrics {
  readonly #state: () => ReplicaState;
  readonly #metrics = new MetricSet(REPLICA_METRICS);

  constructor(state: () => ReplicaState) {
    this.#state = state;
  }

  get contentType(): string {
    return this.#metrics.contentType;
  }

  /** Counts a job that ended. */
  countJob(result: "completed" | "failed"): void {
    this.#metrics.count("fleetquake_replica_jobs_total", { result });
  }

  /** Everything as of now, in Prometheus's text format. */
  render(): Promise<string> {
    const metrics = this.#metrics;
    const { busConnected, redis } = this.#state();
    for (const kind of CONNECTION_KINDS) {
      metrics.set("fleetquake_replica_redis_connections", redis.connections[kind], { kind });
    }
    metrics.set("fleetquake_replica_redis_connected", Number(redis.connected === true));
    metrics.set("fleetquake_replica_bus_connected", Number(busConnected));
    if (redis.last_reset !== null) {
      const seconds = Date.parse(redis.last_reset) / 1_000;
      metrics.set("fleetquake_replica_last_reset_timestamp_seconds", seconds);
    }
    return metrics.render();
  }
}
