import type { LedgerEntry, LedgerOutcome, LedgerState, ReplicaOutcome } from "@fleetquake/contract";
import { ACTIONS, COMMAND_FAULTS } from "@fleetquake/contract/plain";
import type { API_METRICS } from "./metric-table.ts";
import type { MetricSet } from "./metric-set.ts";

/** The states that stay what they are once they are there; `late` comes to whoever was `silent`. */
const COUNTED: ReadonlySet<LedgerState> = new Set<LedgerState>([
  "acknowledged",
  "failed",
  "refused",
  "expired",
  "silent",
  "late",
  "left",
  "joined_late",
]);

/** Of a command whose collection is over. */
const OUTCOMES: readonly LedgerOutcome[] = ["complete", "partial", "none"];

/** What has been counted of a command. */
interface Counted {
  connectionsClosed: number;
  /** `instance state`. */
  readonly states: Set<string>;
  /** `instance moment`, and `instance missing` of whoever did not come back. */
  readonly recovered: Set<string>;
}

/** More than the ledger has: what it has dropped is not seen again. */
const MOST_REMEMBERED = 10_000;

const MOMENTS = {
  socket: "socket_recovered_ms",
  all_back: "all_back_ms",
  command: "command_recovered_ms",
  work: "work_recovered_ms",
} as const satisfies Readonly<Record<string, keyof NonNullable<ReplicaOutcome["recovery"]>>>;

/**
 * Counts commands from the ledger, each of their facts once, however often an entry is seen and amended: the ledger has
 * dropped what came twice, and knows what heartbeats have healed.
 */
export class CommandBook {
  readonly #metrics: MetricSet<keyof typeof API_METRICS>;
  readonly #counted = new Map<string, Counted>();

  constructor(metrics: MetricSet<keyof typeof API_METRICS>) {
    this.#metrics = metrics;
    for (const fault of COMMAND_FAULTS) {
      for (const action of ACTIONS) {
        for (const state of COUNTED) {
          metrics.count("fleetquake_acknowledgements_total", { fault, action, state }, 0);
        }
        for (const outcome of OUTCOMES) {
          metrics.count("fleetquake_commands_total", { fault, action, outcome }, 0);
        }
      }
    }
  }

  /** Counts what is new in an entry, once its collection is over. */
  update(entry: LedgerEntry): void {
    const before = this.#counted.get(entry.command_id);
    if (before === undefined && entry.closed_at === null) {
      return;
    }
    const counted = before ?? this.#open(entry);
    this.#counted.set(entry.command_id, counted);
    this.#countEntry(entry, counted);
    const [oldest] = this.#counted.keys();
    if (this.#counted.size > MOST_REMEMBERED && oldest !== undefined) {
      this.#counted.delete(oldest);
    }
  }

  #open({ fault, action, outcome, duration_ms: durationInMs }: LedgerEntry): Counted {
    this.#metrics.count("fleetquake_commands_total", { fault, action, outcome });
    if (durationInMs !== null) {
      const seconds = durationInMs / 1_000;
      this.#metrics.observe("fleetquake_command_duration_seconds", seconds, { fault, action });
    }
    return { connectionsClosed: 0, states: new Set(), recovered: new Set() };
  }

  #countEntry(entry: LedgerEntry, counted: Counted): void {
    const { fault, action } = entry;
    for (const replica of entry.replicas) {
      const { instance_id: instance, state } = replica;
      if (COUNTED.has(state) && isNew(counted.states, `${instance} ${state}`)) {
        const labels = { fault, action, state };
        this.#metrics.count("fleetquake_acknowledgements_total", labels);
      }
      this.#countRecovery(replica, counted);
    }
    const known = Math.max(counted.connectionsClosed, entry.connections_closed);
    const more = known - counted.connectionsClosed;
    this.#metrics.count("fleetquake_connections_closed_total", {}, more);
    counted.connectionsClosed = known;
  }

  /** Each moment when it is known: a watch may go on for the work of an application that has none. */
  #countRecovery(
    { instance_id: instance, recovery }: ReplicaOutcome,
    { recovered }: Counted,
  ): void {
    if (recovery === undefined) {
      return;
    }
    for (const [moment, member] of Object.entries(MOMENTS)) {
      const tookInMs = recovery[member];
      if (tookInMs !== null && isNew(recovered, `${instance} ${moment}`)) {
        this.#metrics.observe("fleetquake_recovery_seconds", tookInMs / 1_000, { moment });
      }
    }
    const isMissing = recovery.finished && recovery.all_back_ms === null;
    if (isMissing && isNew(recovered, `${instance} missing`)) {
      this.#metrics.count("fleetquake_recoveries_unfinished_total");
    }
  }
}

/** Remembers it. */
function isNew(known: Set<string>, key: string): boolean {
  const isKnown = known.has(key);
  known.add(key);
  return !isKnown;
}
