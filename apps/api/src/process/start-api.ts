import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { FastifyInstance } from "fastify";
import { startAgent, type Agent, type StartAgentOptions } from "@fleetquake/agent";
import { readCommandPrivateKey } from "@fleetquake/bus/command-key";
import { createCoordinatorTransport, TOPOLOGY, type CoordinatorTransport } from "@fleetquake/bus";
import { systemClock, type FleetNews, type Log, type LogFields } from "@fleetquake/contract";
import {
  createCoordinator,
  IdempotencyKeys,
  type Coordinator,
  type CoordinatorOptions,
} from "@fleetquake/coordinator";
import { startJobFeed } from "@fleetquake/jobs";
import { createSamplePool, describeRedis, openRedisAccess } from "@fleetquake/redis";
import { CommandEvents, FleetMetrics, toLog } from "@fleetquake/telemetry";
import { busConnectionOf, type ApiConfig } from "../config/load-config.ts";
import { createServer } from "../create-server.ts";
import { EventStreams } from "../events/event-streams.ts";
import { snapshotOf } from "../events/snapshot-of.ts";
import { LoadJobs } from "../jobs/load-jobs.ts";
import { RequestHangs } from "../faults/request-hangs.ts";
import type { LocalReplica } from "../ports/local-replica.ts";
import { registerRoutes } from "../register-routes.ts";
import type { RouteOptions } from "../routes/route-options.ts";
import { createRedisProbe } from "../sample/redis-probe.ts";
import { TrackedCommandBus } from "../telemetry/tracked-command-bus.ts";
import { agentRedisOf } from "./agent-redis.ts";
import { fleetPace } from "./fleet-pace.ts";
import { startWithTelemetry } from "./start-telemetry.ts";
import { stopApi, type ApiParts } from "./stop-api.ts";

/** An API that listens. */
export interface RunningApi {
  readonly url: string;
  readonly port: number;
  /** Ends everything within 5 seconds; a reset that is collecting answers with what is known. Idempotent. */
  stop(): Promise<void>;
}

/** The API's role in the fleet. */
const ROLE = "api";
/** Of the workers' queue; a cluster keeps keys with one text in braces in one slot, as BullMQ needs it. */
const PREFIX = "bull";
const CLUSTER_PREFIX = `{${PREFIX}}`;

/**
 * Wires and starts the API. It listens before the bus and Redis are there: what needs them says so until then.
 * @throws when the port cannot be listened on.
 */
export async function startApi(
  config: ApiConfig,
  environment: NodeJS.ProcessEnv,
): Promise<RunningApi> {
  const lifecycle = { isEnding: false };
  const isEnding = (): boolean => lifecycle.isEnding;
  const app = createServer({
    clock: systemClock,
    allowedHosts: { publicOrigins: config.publicOrigins },
    access: config.access,
    logLevel: config.logLevel,
    isEnding,
  });
  const log = toLog(app.log);
  // First of all: the agent sees only sockets that are opened after it.
  const access = openRedisAccess(config.redis, { log });
  const { agent, telemetry } = await startWithTelemetry(config, {
    log,
    environment,
    startAgent: (reporting) => startOwnAgent(config, { log, access, ...reporting }),
  });
  const { events, metrics, commandEvents, ...parts } = makeParts(config, {
    agent,
    app,
    log,
    access,
    telemetry,
  });
  const { coordinator } = parts;
  registerRoutes(app, {
    ...parts,
    fleet: coordinator,
    local: localReplicaOf(agent, config),
    store: parts.pool,
    probe: createRedisProbe(parts.pool),
    clock: systemClock,
    isEnding,
    events,
    metrics,
    commandEvents,
  });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    lifecycle.isEnding = true;
    stopping ??= stopApi(parts);
    return stopping;
  };
  try {
    const { url, port } = await listen(app, config);
    startInBackground(coordinator, log);
    log.info("api-started", { url, ...configForLog(config) });
    return { url, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Connecting to the bus goes on by itself for as long as it takes; until then resets are refused. */
function startInBackground(coordinator: Coordinator, log: Log): void {
  coordinator.start().catch((error: unknown) => log.error("coordinator-failed", { err: error }));
}

function configForLog(config: ApiConfig): LogFields {
  const { redis, busTier, coolDownInMs, commandKeys } = config;
  return {
    redis: redis.enabled ? describeRedis(redis) : "disabled",
    bus_tier: busTier,
    cool_down_ms: coolDownInMs,
    access: accessForLog(config),
    signs_commands: commandKeys.privateKey !== null,
  };
}

function accessForLog({ access }: ApiConfig): string {
  if (access === null) {
    return "open";
  }
  const ways = [`${access.keys.length} keys`, ...(access.entra === null ? [] : ["Entra ID"])];
  return ways.join(", ");
}

async function listen(
  app: FastifyInstance,
  { host, port }: ApiConfig,
): Promise<{ readonly url: string; readonly port: number }> {
  const url = await app.listen({ host, port, listenTextResolver: () => "port-opened" });
  return { url, port: Number(new URL(url).port) };
}

/** The parts that run beside the routes; the fleet's events and its halts reach those whom they concern. */
function makeParts(
  config: ApiConfig,
  {
    agent,
    app,
    log,
    access,
    telemetry,
  }: Pick<ApiParts, "agent" | "app" | "log" | "access" | "telemetry">,
): ApiParts & Pick<RouteOptions, "events" | "metrics" | "commandEvents"> {
  const clock = systemClock;
  const hangs = new RequestHangs(clock);
  const jobs = new LoadJobs({
    clock,
    makeFeed: () =>
      startJobFeed({
        redis: (options) => access.connect(options),
        prefix: config.redis.cluster ? CLUSTER_PREFIX : PREFIX,
        log,
      }),
  });
  const events = new EventStreams({
    clock,
    log,
    snapshot: () => snapshotOf({ fleet: coordinator, hangs, jobs, clock }),
  });
  const metrics = new FleetMetrics({
    status: () => coordinator.status(),
    recentCommands: (limit) => coordinator.commands({ limit }).entries,
  });
  const countClosed = (event: FleetNews): void => {
    const entry =
      event.type === "command-closed" ? coordinator.command(event.command_id) : undefined;
    if (entry !== undefined) {
      metrics.countCommand(entry);
    }
  };
  const commandEvents = new CommandEvents(telemetry);
  const { transport, coordinator } = makeCoordinator(config, agent, {
    log,
    telemetry,
    observer: {
      onEvent: (event, enqueuedAtInMs, origin) => {
        jobs.onEvent(event);
        countClosed(event);
        commandEvents.onEvent(event);
        events.onEvent(event, enqueuedAtInMs, origin);
      },
      onConnected: () => events.onConnected(),
    },
    onHalted: () => {
      hangs.release();
      jobs.end();
    },
  });
  const pool = config.redis.enabled ? createSamplePool({ settings: config.redis, access }) : null;
  const keys = new IdempotencyKeys({ lock: transport.lock, clock, log });
  const parts = { app, agent, log, access, telemetry, pool, transport, coordinator };
  return { ...parts, hangs, jobs, keys, events, metrics, commandEvents };
}

function makeCoordinator(
  config: ApiConfig,
  { replicaId, instanceId }: Agent,
  {
    log,
    observer,
    onHalted,
    telemetry,
  }: Required<Pick<CoordinatorOptions, "log" | "observer" | "onHalted">> &
    Pick<ApiParts, "telemetry">,
): { readonly transport: CoordinatorTransport; readonly coordinator: Coordinator } {
  const { privateKey } = config.commandKeys;
  const issuer = `api-${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const transport = createCoordinatorTransport({
    connection: busConnectionOf(config),
    issuer,
    log,
    ...(privateKey !== null && { commandKey: readCommandPrivateKey(privateKey.reveal()) }),
  });
  const coordinator: Coordinator = createCoordinator({
    bus: new TrackedCommandBus(transport.bus, { telemetry, target: TOPOLOGY.commandsTopic }),
    lock: transport.lock,
    clock: systemClock,
    issuer,
    ownReplica: { replicaId, instanceId },
    log,
    onHalted,
    observer,
    coolDownInMs: config.coolDownInMs,
    ...fleetPace(config.busTier, () => coordinator.replicas()),
  });
  return { transport, coordinator };
}

function startOwnAgent(
  config: ApiConfig,
  { log, access, onReport }: Pick<ApiParts, "log" | "access"> & Pick<StartAgentOptions, "onReport">,
): Promise<Agent> {
  const { publicKey } = config.commandKeys;
  return startAgent({
    bus: busConnectionOf(config),
    role: ROLE,
    labels: config.labels,
    allow: config.allow,
    redis: agentRedisOf(config.redis),
    ...(access.tokens === null ? {} : { redisTokens: access.tokens }),
    log,
    ...(onReport === undefined ? {} : { onReport }),
    ...(publicKey !== null && { commandPublicKey: publicKey }),
    ...(config.replicaId === null ? {} : { replicaId: config.replicaId }),
  });
}

function localReplicaOf(agent: Agent, config: ApiConfig): LocalReplica {
  return {
    replicaId: agent.replicaId,
    instanceId: agent.instanceId,
    role: ROLE,
    labels: config.labels,
    allow: config.allow,
    startedAt: new Date().toISOString(),
    redis: () => agent.state().redis,
  };
}
