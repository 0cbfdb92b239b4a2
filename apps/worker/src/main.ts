import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { loadAgentConfig, startAgent, type Agent, type StartAgentOptions } from "@fleetquake/agent";
import type { Log } from "@fleetquake/contract";
import { openRedisAccess, type RedisAccess, type RedisPlace } from "@fleetquake/redis";
import {
  createLogger,
  outliveLogReader,
  ReplicaEvents,
  ReplicaMetrics,
  startInsights,
  toLog,
  type Telemetry,
} from "@fleetquake/telemetry";
import { ConfigError, loadConfig, type WorkerConfig } from "./load-config.ts";
import { startMetricsServer } from "./metrics-server.ts";
import { startWork } from "./start-work.ts";

/** Together below the 3 s after which the launcher loses its patience. */
const CLOSE_WORK_IN_MS = 1_800;
const STOP_AGENT_IN_MS = 800;

/** How long the launcher is kept waiting for the fleet's bus. */
const JOIN_IN_MS = 3_000;

/** Starts the agent before the first connection is opened, so that it sees each from its first byte. */
async function startReplica(
  log: Log,
  {
    config,
    access,
    onReport,
  }: { readonly config: WorkerConfig; readonly access: RedisAccess | null } & Pick<
    StartAgentOptions,
    "onReport"
  >,
): Promise<Agent> {
  const read = loadAgentConfig(process.env);
  if (!read.ok) {
    throw new ConfigError(["the configuration is wrong:", ...read.mistakes].join("\n    "));
  }
  return startAgent({
    ...read.options,
    ...tokenOptionsOf(config.redis, access),
    role: read.options.role ?? "worker",
    ...(onReport !== undefined && { onReport }),
    log,
  });
}

/** With Entra ID the agent's own connection has no credentials but the tokens. */
function tokenOptionsOf(
  place: RedisPlace | null,
  access: RedisAccess | null,
): Pick<StartAgentOptions, "redis" | "redisTokens"> {
  if (place === null || access === null || access.tokens === null) {
    return {};
  }
  const { host, port, tls } = place;
  return { redis: { host, port, tls }, redisTokens: access.tokens };
}

async function serveMetrics(
  metrics: ReplicaMetrics,
  { metricsHost: host, metricsPort: port }: WorkerConfig,
): Promise<AsyncDisposable | null> {
  try {
    return port === null ? null : await startMetricsServer({ metrics, host, port });
  } catch (cause) {
    const where = `FLEETQUAKE_WORKER_METRICS_PORT ${port} on ${host}`;
    throw new ConfigError(`${where} cannot be listened on: ${String(cause)}`, { cause });
  }
}

/** Loading it takes a second: the agent comes first, and its reports are told once it is there. */
async function startTelling(
  log: Log,
  { config, access }: { readonly config: WorkerConfig; readonly access: RedisAccess | null },
): Promise<{ readonly agent: Agent; readonly telemetry: Telemetry }> {
  const { insightsConnectionString: connectionString, samplingRate } = config;
  const told: { events: ReplicaEvents | null } = { events: null };
  const agent = await startReplica(log, {
    config,
    access,
    ...(connectionString !== null && { onReport: (report) => told.events?.onReport(report) }),
  });
  const telemetry = await startInsights({
    connectionString: connectionString?.reveal() ?? null,
    samplingRate,
    role: "fleetquake-worker",
    instance: agent.replicaId,
    environment: process.env,
    log,
  });
  told.events = new ReplicaEvents(telemetry);
  return { agent, telemetry };
}

async function start(config: WorkerConfig): Promise<void> {
  const log = toLog(createLogger({ level: config.logLevel, base: { worker: config.name } }));
  const access = config.redis === null ? null : openRedisAccess(config.redis, { log });
  const { agent, telemetry } = await startTelling(log, { config, access });
  const metrics = new ReplicaMetrics(() => agent.state());
  const server = await serveMetrics(metrics, config);
  const work =
    config.redis === null || access === null
      ? null
      : startWork(config.redis, { access, config, agent, metrics, telemetry, log });
  // Without work nothing else would keep the process.
  const presence = setInterval(() => undefined, 2 ** 30);
  let isLeaving = false;
  const leave = async (reason: string): Promise<void> => {
    if (isLeaving) {
      return;
    }
    isLeaving = true;
    log.info("worker-stopping", { reason });
    clearInterval(presence);
    await work?.close(CLOSE_WORK_IN_MS);
    await server?.[Symbol.asyncDispose]();
    access?.[Symbol.dispose]();
    await Promise.all([
      Promise.race([agent.stop(), pause(STOP_AGENT_IN_MS)]),
      telemetry.close(STOP_AGENT_IN_MS),
    ]);
    process.exit(0);
  };
  process.on("SIGTERM", () => void leave("SIGTERM"));
  process.on("SIGINT", () => void leave("SIGINT"));
  // The launcher is gone: nobody else would end this process.
  process.on("disconnect", () => void leave("launcher gone"));
  // Ready is who the fleet knows. With the bus away the jobs are done all the same, and the agent goes on trying.
  await agent.ready({ timeoutInMs: JOIN_IN_MS }).catch((error: unknown) => {
    log.info("worker-not-joined-yet", { reason: String(error) });
  });
  process.send?.({ ready: true });
}

outliveLogReader();

try {
  await start(loadConfig(process.env, { defaultName: `${hostname()}-${process.pid}` }));
} catch (error) {
  const isExpected = error instanceof ConfigError || error instanceof TypeError;
  process.stderr.write(`fleetquake worker: ${isExpected ? error.message : String(error)}\n`);
  process.exit(1);
}
