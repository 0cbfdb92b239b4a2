import {
  defineVariable,
  parseInteger,
  parseOneOf,
  parseText,
  readRedisSettings,
  readVariable,
  REDIS_VARIABLES,
  Secret,
  type Environment,
  type ParsedText,
  type RedisPlace,
} from "@fleetquake/redis";
import {
  LOG_LEVELS,
  parseInsightsConnectionString,
  parseSamplingRate,
  type LogLevel,
} from "@fleetquake/telemetry";

/** What a worker is told by its environment; spans in milliseconds. */
export interface WorkerConfig {
  /** How it signs its work and its log. */
  readonly name: string;
  readonly queue: string;
  readonly prefix: string;
  readonly concurrency: number;
  readonly lockDurationInMs: number;
  /** null with REDIS_ENABLED=false: the worker takes part in the fleet and does no jobs. */
  readonly redis: RedisPlace | null;
  readonly redisConnectTimeoutInMs: number;
  /** Where Prometheus reads its metrics; null: nowhere. */
  readonly metricsPort: number | null;
  readonly metricsHost: string;
  /** null: nobody is told anything. */
  readonly insightsConnectionString: Secret | null;
  /** From 0 to 1. */
  readonly samplingRate: number;
  readonly logLevel: LogLevel;
}

/** The worker's own variables; the README's table is held to them by a test. */
export const WORKER_VARIABLES = {
  queue: defineVariable({
    name: "FLEETQUAKE_WORKER_QUEUE",
    meaning: "BullMQ queue whose jobs it does",
    fallback: "work",
    fallbackText: "work",
    parse: parseText,
  }),
  prefix: defineVariable({
    name: "FLEETQUAKE_WORKER_PREFIX",
    meaning: "BullMQ key prefix of that queue; in a cluster it stands in braces",
    fallback: "bull",
    fallbackText: "bull",
    parse: parseText,
  }),
  concurrency: defineVariable({
    name: "FLEETQUAKE_WORKER_CONCURRENCY",
    meaning: "jobs that it does at the same time",
    fallback: 4,
    fallbackText: "4",
    parse: parseInteger(1, 1_000),
  }),
  lockDurationInMs: defineVariable({
    name: "FLEETQUAKE_WORKER_LOCK_MS",
    meaning:
      "how long a job stays its own without renewal; an orphaned job is taken up again after it",
    fallback: 8_000,
    fallbackText: "8000",
    parse: parseInteger(5_000, 10_000),
  }),
  redisUrl: defineVariable<RedisPlace | null>({
    name: "FLEETQUAKE_WORKER_REDIS_URL",
    meaning: "the worker's Redis where it is not that of the `REDIS_*` variables",
    fallback: null,
    fallbackText: "-",
    isSecret: true,
    parse: REDIS_VARIABLES.url.parse,
  }),
  redisConnectTimeoutInMs: defineVariable({
    name: "FLEETQUAKE_WORKER_REDIS_CONNECT_TIMEOUT_MS",
    meaning: "how long one attempt to connect may take",
    fallback: 3_000,
    fallbackText: "3000",
    parse: parseInteger(50, 60_000),
  }),
  metricsPort: defineVariable<number | null>({
    name: "FLEETQUAKE_WORKER_METRICS_PORT",
    meaning: "port of `GET /metrics` (Prometheus) and `GET /livez`; without it there is none",
    fallback: null,
    fallbackText: "-",
    parse: parseInteger(1, 65_535),
  }),
  metricsHost: defineVariable({
    name: "FLEETQUAKE_WORKER_METRICS_HOST",
    meaning: "address on which it listens there; in a container 0.0.0.0. Nobody has to log in",
    fallback: "127.0.0.1",
    fallbackText: "127.0.0.1",
    parse: parseText,
  }),
  insightsConnectionString: defineVariable<Secret | null>({
    name: "APPLICATIONINSIGHTS_CONNECTION_STRING",
    meaning: "Application Insights to tell what happens; without it nothing is loaded or sent",
    fallback: null,
    fallbackText: "-",
    isSecret: true,
    parse: parseInsights,
  }),
  samplingRate: defineVariable({
    name: "TELEMETRY_SAMPLING_RATE",
    meaning: "share of jobs that is sent there, 0 to 1; faults, their events and errors always are",
    fallback: 1,
    fallbackText: "1",
    parse: parseSamplingRate,
  }),
  logLevel: defineVariable<LogLevel>({
    name: "LOG_LEVEL",
    meaning: "fatal, error, warn, info, debug, trace or silent",
    fallback: "info",
    fallbackText: "info",
    parse: (text) => parseOneOf(LOG_LEVELS)(text.toLowerCase() === "warning" ? "warn" : text),
  }),
} as const;

/** Thrown for an environment that a worker cannot start with; the message names every mistake, never a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads a worker's configuration. Pure; the result is frozen.
 * @throws ConfigError that names all mistakes together.
 */
export function loadConfig(
  environment: Environment,
  options: {
    /** The name of a worker that is not given one. */
    readonly defaultName: string;
  },
): WorkerConfig {
  const mistakes: string[] = [];
  const variables = WORKER_VARIABLES;
  const shared = readRedisSettings(environment, mistakes);
  const own = readVariable(environment, variables.redisUrl, mistakes);
  const redis = own ?? shared;
  const config = Object.freeze({
    name: environment["FLEETQUAKE_REPLICA_ID"] || options.defaultName,
    queue: readVariable(environment, variables.queue, mistakes),
    prefix: prefixFor(redis, readVariable(environment, variables.prefix, mistakes)),
    concurrency: readVariable(environment, variables.concurrency, mistakes),
    lockDurationInMs: readVariable(environment, variables.lockDurationInMs, mistakes),
    redis: shared.enabled ? redis : null,
    redisConnectTimeoutInMs: readVariable(environment, variables.redisConnectTimeoutInMs, mistakes),
    metricsPort: readVariable(environment, variables.metricsPort, mistakes),
    metricsHost: readVariable(environment, variables.metricsHost, mistakes),
    insightsConnectionString: readVariable(
      environment,
      variables.insightsConnectionString,
      mistakes,
    ),
    samplingRate: readVariable(environment, variables.samplingRate, mistakes),
    logLevel: readVariable(environment, variables.logLevel, mistakes),
  });
  if (config.queue.includes(":")) {
    mistakes.push("FLEETQUAKE_WORKER_QUEUE must not contain a colon, BullMQ refuses it");
  }
  if (mistakes.length > 0) {
    throw new ConfigError(["the configuration is wrong:", ...mistakes].join("\n    "));
  }
  return config;
}

function parseInsights(text: string): ParsedText<Secret> {
  const parsed = parseInsightsConnectionString(text);
  return parsed.ok ? { ok: true, value: new Secret(parsed.value) } : parsed;
}

/** A cluster keeps keys with one text in braces in one slot, and BullMQ's scripts need a queue's keys there. */
function prefixFor({ cluster }: RedisPlace, prefix: string): string {
  return cluster && !/\{[^}]+\}/.test(prefix) ? `{${prefix}}` : prefix;
}
