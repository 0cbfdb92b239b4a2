export { FleetMetrics, type AnsweredRequest, type FleetMetricsOptions } from "./fleet-metrics.ts";
export { ReplicaMetrics, type ReplicaState } from "./replica-metrics.ts";
