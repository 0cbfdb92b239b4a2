import type { Agent } from "@fleetquake/agent";
import { systemClock, type Log } from "@fleetquake/contract/plain";
import { describeRedis, type RedisAccess, type RedisPlace } from "@fleetquake/redis";
import type { ReplicaMetrics, Telemetry } from "@fleetquake/telemetry";
import type { WorkerConfig } from "./load-config.ts";
import { createWorkerRedis } from "./redis-connection.ts";
import { watchRedis } from "./redis-watch.ts";
import { runWorker, type RunningWorker } from "./running-worker.ts";

/** Opens the worker's connections and begins to take jobs; Redis may be away. */
export function startWork(
  place: RedisPlace,
  options: {
    /** The way to that Redis. */
    readonly access: RedisAccess;
    readonly config: WorkerConfig;
    readonly agent: Agent;
    readonly metrics: ReplicaMetrics;
    readonly telemetry: Telemetry;
    readonly log: Log;
  },
): RunningWorker {
  const { access, config, agent, metrics, telemetry, log } = options;
  const connect = (): ReturnType<typeof createWorkerRedis> =>
    createWorkerRedis({
      access,
      connectTimeoutInMs: config.redisConnectTimeoutInMs,
      onError: (error) => log.debug("redis-error", { error: error.message }),
    });
  const redis = connect();
  watchRedis(redis, { clock: systemClock, log });
  log.info("worker-started", {
    queue: config.queue,
    redis: describeRedis(place),
    replica_id: agent.replicaId,
  });
  const untilAllowed = (): Promise<void> => agent.untilWorkAllowed();
  // Also a worker that has had no job yet can be held.
  void untilAllowed();
  return runWorker({
    config,
    connection: connect(),
    redis,
    untilAllowed,
    telemetry,
    onEnded: (result) => {
      metrics.countJob(result);
      if (result === "completed") {
        agent.recordWork();
      }
    },
    log,
  });
}
