import type { Clock } from "@fleetquake/contract";
import type { IdempotencyKeys } from "@fleetquake/coordinator";
import type { CommandEvents, FleetMetrics, Telemetry } from "@fleetquake/telemetry";
import type { EventStreams } from "../events/event-streams.ts";
import type { LoadJobs } from "../jobs/load-jobs.ts";
import type { RequestHangs } from "../faults/request-hangs.ts";
import type { FleetControl } from "../ports/fleet-control.ts";
import type { LocalReplica } from "../ports/local-replica.ts";
import type { SampleStore } from "../ports/sample-store.ts";
import type { RedisProbe } from "../sample/redis-probe.ts";

/** What the routes are made of. */
export interface RouteOptions {
  readonly fleet: FleetControl;
  readonly local: LocalReplica;
  readonly store: SampleStore;
  readonly probe: RedisProbe;
  readonly clock: Clock;
  readonly isEnding: () => boolean;
  /** The requests that hang in this API. */
  readonly hangs: RequestHangs;
  /** Who follows what happens. */
  readonly events: EventStreams;
  /** What Prometheus reads. */
  readonly metrics: FleetMetrics;
  /** Where this API tells what happened in it. */
  readonly telemetry: Telemetry;
  /** What is told of the commands that this API takes. */
  readonly commandEvents: CommandEvents;
  /** What this API feeds the workers' queue with. */
  readonly jobs: Pick<LoadJobs, "begin" | "status">;
  /** What was asked for under which Idempotency-Key. */
  readonly keys: Pick<IdempotencyKeys, "take">;
}

/** Now as the contract's timestamp. */
export function timestamp(clock: Clock): string {
  return new Date(clock.nowInMs()).toISOString();
}
