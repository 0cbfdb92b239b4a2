import type { FleetStatus, LastingFault, LedgerEntry, ReplicaStatus } from "@fleetquake/contract";
import { CONNECTION_KINDS, LASTING_FAULTS, ROSTER_STATES } from "@fleetquake/contract/plain";
import { CommandBook } from "./command-book.ts";
import { MetricSet } from "./metric-set.ts";
import { API_METRICS } from "./metric-table.ts";

/** What the metrics are made of; both answer from memory. */
export interface FleetMetricsOptions {
  readonly status: () => FleetStatus;
  /** The newest commands. */
  readonly recentCommands: (limit: number) => readonly LedgerEntry[];
}

/** One HTTP request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern; undefined where no route answers. */
  readonly route: string | undefined;
  readonly status: number;
  readonly durationInMs: number;
}

/** How many of the newest commands may still be amended; each is read anew for every scrape. */
const AMENDED = 50;

type StatusOf = Pick<ReplicaStatus, LastingFaultMember>;
type LastingFaultMember = "load" | "hang" | "block" | "token_expiry";

const MEMBER_OF: Readonly<Record<LastingFault, LastingFaultMember>> = {
  load: "load",
  hang: "hang",
  "redis-block": "block",
  "token-expiry": "token_expiry",
};

/** The fleet as Prometheus reads it from one API: made from memory when it is asked for. */
export class FleetMetrics {
  readonly #options: FleetMetricsOptions;
  readonly #metrics = new MetricSet(API_METRICS);
  readonly #book = new CommandBook(this.#metrics);

  constructor(options: FleetMetricsOptions) {
    this.#options = options;
  }

  get contentType(): string {
    return this.#metrics.contentType;
  }

  /** To be called when a command has closed, so that none leaves the ledger uncounted between two scrapes. */
  countCommand(entry: LedgerEntry): void {
    this.#book.update(entry);
  }

  /** Counts a request. */
  countRequest({ method, route = "none", status, durationInMs }: AnsweredRequest): void {
    const labels = { method, route, status };
    this.#metrics.observe("fleetquake_http_request_duration_seconds", durationInMs / 1_000, labels);
  }

  /** Everything as of now, in Prometheus's text format. */
  render(): Promise<string> {
    // Late answers and recoveries amend them.
    this.#options.recentCommands(AMENDED).forEach((entry) => this.#book.update(entry));
    const status = this.#options.status();
    this.#setFleet(status);
    this.#setRoles(status.replicas);
    return this.#metrics.render();
  }

  #setFleet(status: FleetStatus): void {
    const metrics = this.#metrics;
    const active = status.replicas.filter(({ state }) => state === "active");
    metrics.set("fleetquake_cool_down_seconds", status.cool_down.remaining_ms / 1_000);
    metrics.set("fleetquake_halted", Number(status.halted));
    metrics.set("fleetquake_bus_connected", Number(status.bus.connected));
    metrics.set("fleetquake_roster_ready", Number(status.roster === "ready"));
    for (const fault of LASTING_FAULTS) {
      const under = active.filter((replica: StatusOf) => replica[MEMBER_OF[fault]].active).length;
      metrics.set("fleetquake_replicas_under_fault", under, { fault });
    }
  }

  /** A role of which nobody is left on the roster is told of no more. */
  #setRoles(replicas: readonly ReplicaStatus[]): void {
    const metrics = this.#metrics;
    metrics.clear("fleetquake_replicas");
    metrics.clear("fleetquake_replicas_not_back");
    metrics.clear("fleetquake_redis_connections");
    metrics.clear("fleetquake_redis_connections_unseen");
    for (const role of new Set(replicas.map((replica) => replica.role))) {
      const ofRole = replicas.filter((replica) => replica.role === role);
      for (const state of ROSTER_STATES) {
        const count = ofRole.filter((replica) => replica.state === state).length;
        metrics.set("fleetquake_replicas", count, { role, state });
      }
      this.#setConnections(
        role,
        ofRole.filter(({ state }) => state === "active"),
      );
    }
  }

  #setConnections(role: string, active: readonly ReplicaStatus[]): void {
    const metrics = this.#metrics;
    metrics.set("fleetquake_replicas_not_back", active.filter(isNotBack).length, { role });
    for (const kind of CONNECTION_KINDS) {
      const count = sum(active.map(({ redis }) => redis.connections[kind]));
      metrics.set("fleetquake_redis_connections", count, { role, kind });
    }
    const unseen = sum(active.map(({ redis }) => redis.unseen));
    metrics.set("fleetquake_redis_connections_unseen", unseen, { role });
  }
}

function isNotBack({ last_recovery: last }: ReplicaStatus): boolean {
  return last !== null && last.finished && last.all_back_ms === null;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
