import type { FastifyInstance } from "fastify";
import type { Agent } from "@fleetquake/agent";
import type { CoordinatorTransport } from "@fleetquake/bus";
import type { Log } from "@fleetquake/contract";
import type { Coordinator, IdempotencyKeys } from "@fleetquake/coordinator";
import type { RedisAccess, SamplePool } from "@fleetquake/redis";
import type { Telemetry } from "@fleetquake/telemetry";
import type { LoadJobs } from "../jobs/load-jobs.ts";
import type { RequestHangs } from "../faults/request-hangs.ts";

/** What an API consists of while it runs. */
export interface ApiParts {
  readonly app: FastifyInstance;
  readonly agent: Agent;
  /** The way to Redis for the pool and the feed of jobs. */
  readonly access: RedisAccess;
  /** null: Redis is disabled. */
  readonly pool: SamplePool | null;
  readonly transport: CoordinatorTransport;
  readonly coordinator: Coordinator;
  readonly hangs: RequestHangs;
  readonly jobs: LoadJobs;
  readonly keys: IdempotencyKeys;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** Requests get this long to end by themselves. */
const REQUESTS_IN_MS = 1_000;
/** Those that wait for Redis fail then, and get this long to say so. */
const LAST_REQUESTS_IN_MS = 500;
const REPORTS_IN_MS = 1_500;
const BUS_IN_MS = 1_000;

/**
 * Ends an API in order: collecting resets answer with what is known, requests end, the agent says goodbye, the ledger
 * is closed on the bus, the bus is left while the last telemetry is sent. Each step has its bound, together 4 seconds.
 */
export async function stopApi(parts: ApiParts): Promise<void> {
  const { app, agent, access, pool, transport, coordinator, hangs, jobs, keys, log } = parts;
  const { telemetry } = parts;
  coordinator.closeCollecting();
  hangs.release("shutting-down");
  jobs.end();
  const requests = app.close();
  await within(requests, REQUESTS_IN_MS);
  await pool?.close();
  if (!(await within(requests, LAST_REQUESTS_IN_MS))) {
    log.warn("requests-cut", { after_ms: REQUESTS_IN_MS + LAST_REQUESTS_IN_MS });
    app.server.closeAllConnections();
  }
  await within(
    Promise.allSettled([
      agent.stop(),
      coordinator.close(),
      requests,
      keys[Symbol.asyncDispose](),
      jobs[Symbol.asyncDispose](),
    ]),
    REPORTS_IN_MS,
  );
  access[Symbol.dispose]();
  await Promise.all([
    within(Promise.resolve(transport[Symbol.asyncDispose]()), BUS_IN_MS),
    telemetry.close(BUS_IN_MS),
  ]);
  log.info("api-stopped");
}

/** Whether a promise settled within a span; what it settled with is not looked at. */
async function within(promise: Promise<unknown>, spanInMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), spanInMs);
  });
  const settled = promise.then(
    () => true as const,
    () => true as const,
  );
  const isSettled = await Promise.race([settled, late]);
  clearTimeout(timer);
  return isSettled;
}
