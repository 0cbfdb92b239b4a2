/** One metric as Prometheus knows it. */
export interface MetricDescription {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

/** From a reconnect at once to a worker that takes minutes. */
const RECOVERY_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const COMMAND_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What an API tells of the fleet; every API replica tells of the whole fleet. METRICS.md is held to this by a test. */
export const API_METRICS = {
  fleetquake_commands_total: {
    type: "counter",
    help: "Commands whose collection of answers is over.",
    labels: ["fault", "action", "outcome"],
  },
  fleetquake_command_duration_seconds: {
    type: "histogram",
    help: "From a command's publication until everybody answered or the deadline passed.",
    labels: ["fault", "action"],
    buckets: COMMAND_BUCKETS,
  },
  fleetquake_connections_closed_total: {
    type: "counter",
    help: "Redis connections that replicas closed for resets.",
    labels: [],
  },
  fleetquake_acknowledgements_total: {
    type: "counter",
    help: "What replicas made of commands, by their state in the ledger.",
    labels: ["fault", "action", "state"],
  },
  fleetquake_recovery_seconds: {
    type: "histogram",
    help: "From a replica's close until the moment of its recovery that the label names.",
    labels: ["moment"],
    buckets: RECOVERY_BUCKETS,
  },
  fleetquake_recoveries_unfinished_total: {
    type: "counter",
    help: "Replicas that had not all their connections back when the watch over them ended.",
    labels: [],
  },
  fleetquake_replicas: {
    type: "gauge",
    help: "Replicas on the roster.",
    labels: ["role", "state"],
  },
  fleetquake_replicas_not_back: {
    type: "gauge",
    help: "Active replicas whose last reset was watched to its end and left connections missing.",
    labels: ["role"],
  },
  fleetquake_replicas_under_fault: {
    type: "gauge",
    help: "Active replicas that are under a lasting fault now.",
    labels: ["fault"],
  },
  fleetquake_redis_connections: {
    type: "gauge",
    help: "Redis connections that the active replicas hold.",
    labels: ["role", "kind"],
  },
  fleetquake_redis_connections_unseen: {
    type: "gauge",
    help: "Redis connections of active replicas that the kernel shows and agents cannot close.",
    labels: ["role"],
  },
  fleetquake_cool_down_seconds: {
    type: "gauge",
    help: "Time until the next reset is accepted; 0: now.",
    labels: [],
  },
  fleetquake_halted: {
    type: "gauge",
    help: "1 while a halt refuses every fault.",
    labels: [],
  },
  fleetquake_bus_connected: {
    type: "gauge",
    help: "1 while this API hears the bus.",
    labels: [],
  },
  fleetquake_roster_ready: {
    type: "gauge",
    help: "1 once this API knows the whole fleet; until then it refuses faults.",
    labels: [],
  },
  fleetquake_http_request_duration_seconds: {
    type: "histogram",
    help: "HTTP requests by the route's pattern; `none` where no route answers.",
    labels: ["method", "route", "status"],
    buckets: REQUEST_BUCKETS,
  },
} as const satisfies Readonly<Record<string, MetricDescription>>;

/** What a worker tells of itself. METRICS.md is held to this by a test. */
export const REPLICA_METRICS = {
  fleetquake_replica_redis_connections: {
    type: "gauge",
    help: "Redis connections that this process holds.",
    labels: ["kind"],
  },
  fleetquake_replica_redis_connected: {
    type: "gauge",
    help: "1 while at least one of its connections has had a reply.",
    labels: [],
  },
  fleetquake_replica_last_reset_timestamp_seconds: {
    type: "gauge",
    help: "When its connections were closed by a reset for the last time, in seconds since 1970.",
    labels: [],
  },
  fleetquake_replica_bus_connected: {
    type: "gauge",
    help: "1 while commands reach this process.",
    labels: [],
  },
  fleetquake_replica_jobs_total: {
    type: "counter",
    help: "Jobs that this worker ended.",
    labels: ["result"],
  },
} as const satisfies Readonly<Record<string, MetricDescription>>;
