import type { FastifyInstance } from "fastify";
import { silentLog, type Log } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { IdempotencyKeys } from "@fleetquake/coordinator";
import { CommandEvents, FleetMetrics, silentTelemetry } from "@fleetquake/telemetry";
import { createApp, type CreateAppOptions } from "../create-app.ts";
import { EventStreams, type EventStreamsOptions } from "../events/event-streams.ts";
import { snapshotOf } from "../events/snapshot-of.ts";
import { RequestHangs } from "../faults/request-hangs.ts";
import { createRedisProbe } from "../sample/redis-probe.ts";
import { ScriptedFleet } from "./scripted-fleet.ts";
import { UncontendedLock } from "./uncontended-lock.ts";

/** An API without sockets: asked with `inject`, its coordinator scripted. */
export interface TestApp {
  readonly app: FastifyInstance;
  readonly fleet: ScriptedFleet;
  readonly lifecycle: { isEnding: boolean };
  readonly clock: FakeClock;
  readonly events: EventStreams;
}

export interface MakeTestAppOptions extends Partial<CreateAppOptions> {
  readonly eventLimits?: Partial<EventStreamsOptions>;
  readonly eventLog?: Log;
}

/** Makes an API on which `inject` works; Redis is disabled but for what a test says. */
export function makeTestApp({
  eventLimits = {},
  eventLog = silentLog,
  ...options
}: MakeTestAppOptions = {}): TestApp {
  const fleet = new ScriptedFleet();
  const clock = new FakeClock();
  const lifecycle = { isEnding: false };
  const store = options.store ?? null;
  const hangs = new RequestHangs(clock);
  const events =
    options.events ??
    new EventStreams({
      clock,
      log: eventLog,
      snapshot: () => snapshotOf({ fleet, hangs, jobs: { status: null }, clock }),
      ...eventLimits,
    });
  const app = createApp({
    clock,
    allowedHosts: { publicOrigins: [] },
    logLevel: "silent",
    isEnding: () => lifecycle.isEnding,
    fleet,
    local: {
      replicaId: "api-1",
      instanceId: "api-1-instance",
      role: "api",
      labels: { zone: "1" },
      allow: ["redis-reset"],
      startedAt: "2026-01-01T00:00:00.000Z",
      redis: () => ({
        connected: true,
        enabled: true,
        connection_count: 3,
        connections: { command: 3, blocking: 0, subscriber: 0, unknown: 0 },
        unseen: 0,
        last_reset: null,
      }),
    },
    store,
    hangs,
    jobs: { status: null, begin: () => undefined },
    events,
    metrics: new FleetMetrics({
      status: () => fleet.status(),
      recentCommands: (limit) => fleet.commands({ limit }).entries,
    }),
    telemetry: silentTelemetry,
    commandEvents: new CommandEvents(silentTelemetry),
    keys: new IdempotencyKeys({ lock: new UncontendedLock(), clock, log: silentLog }),
    probe: createRedisProbe(store),
    ...options,
  });
  return { app, fleet, lifecycle, clock, events };
}
