export { CommandEvents, type SentCommand } from "./events/command-events.ts";
export { ReplicaEvents } from "./events/replica-events.ts";
export { FleetMetrics, type AnsweredRequest, type FleetMetricsOptions } from "./fleet-metrics.ts";
export { beginStep } from "./insights/begin-step.ts";
export {
  parseInsightsConnectionString,
  parseSamplingRate,
} from "./insights/parse-insights-text.ts";
export { startInsights, type StartInsightsOptions } from "./insights/start-insights.ts";
export {
  silentTelemetry,
  type Telemetry,
  type TelemetryProperties,
  type TrackedDependency,
  type TrackedRequest,
} from "./insights/telemetry.ts";
export { createLogger, type CreateLoggerOptions } from "./log/create-logger.ts";
export { LOG_LEVELS, type LogLevel } from "./log/log-levels.ts";
export { outliveLogReader } from "./log/log-output.ts";
export { toLog } from "./log/to-log.ts";
export { ReplicaMetrics, type ReplicaState } from "./replica-metrics.ts";
