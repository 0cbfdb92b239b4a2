import type { FleetStatus, LedgerEntry, ReplicaOutcome, ReplicaStatus } from "@fleetquake/contract";
import type {
  CommandOrigin,
  DryRunResult,
  InjectRequest,
  InjectResult,
  RecoverRequest,
  Refusal,
} from "@fleetquake/coordinator";
import type { FleetControl } from "../ports/fleet-control.ts";

/** A tally of nobody. */
export const NO_TALLY: LedgerEntry["fleet"] = {
  expected: 0,
  acknowledged: 0,
  failed: 0,
  refused: 0,
  expired: 0,
  silent: 0,
  left: 0,
  late: 0,
  joined_late: 0,
};

/** A closed entry of two replicas that both acknowledged, but for what a test says. */
export function entryOf(parts: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    command_id: "01COMMAND",
    fault: "redis-reset",
    action: "inject",
    epoch: 7,
    parameters: { force: true, drain_timeout_ms: 5_000 },
    target: {},
    caller: "anonymous (127.0.0.1)",
    issuer: "api-1",
    reason: null,
    opened_at: "2026-01-01T00:00:00.000Z",
    deadline_at: "2026-01-01T00:00:05.000Z",
    deadline_ms: 5_000,
    closed_at: "2026-01-01T00:00:00.040Z",
    published: "yes",
    outcome: "complete",
    connections_closed: 30,
    duration_ms: 40,
    skew_ms: 3,
    skew_uncertainty_ms: 1,
    fleet: { ...NO_TALLY, expected: 2, acknowledged: 2 },
    replicas: [outcomeOf("worker-1"), outcomeOf("worker-2")],
    recovery: null,
    ...parts,
  };
}

/** One replica's row, acknowledged but for what a test says. */
export function outcomeOf(replicaId: string, parts: Partial<ReplicaOutcome> = {}): ReplicaOutcome {
  return {
    replica_id: replicaId,
    instance_id: `${replicaId}-instance`,
    role: "worker",
    state: "acknowledged",
    coverage: "full",
    connections_closed: 15,
    ...parts,
  };
}

/** A replica on the roster. */
function replicaOf(replicaId: string): ReplicaStatus {
  const idle = { active: false, remaining_seconds: 0 };
  return {
    replica_id: replicaId,
    instance_id: `${replicaId}-instance`,
    role: "worker",
    labels: {},
    allow: ["redis-reset"],
    state: "active",
    started_at: "2026-01-01T00:00:00.000Z",
    last_seen: "2026-01-01T00:00:00.000Z",
    clock_offset_ms: 0,
    load: { ...idle, level: "none" },
    hang: { ...idle, scope: null },
    block: { ...idle, mode: null },
    token_expiry: idle,
    halted: false,
    redis: {
      connected: true,
      enabled: true,
      connection_count: 15,
      connections: { command: 15, blocking: 0, subscriber: 0, unknown: 0 },
      unseen: 0,
      last_reset: "2026-01-01T00:00:00.000Z",
    },
    last_recovery: null,
  };
}

/** The coordinator's port with answers that a test writes, for what HTTP makes of them. */
export class ScriptedFleet implements FleetControl {
  readonly injected: InjectRequest[] = [];
  readonly recovered: RecoverRequest[] = [];
  readonly halts: CommandOrigin[] = [];
  readonly releases: CommandOrigin[] = [];
  /** What is in the way of every fault. */
  conflicting: Refusal | null = null;
  /** How a halted fleet refuses. */
  halted: Refusal | null = null;
  result: InjectResult = {
    kind: "accepted",
    commandId: "01COMMAND",
    closed: Promise.resolve(entryOf()),
  };
  dryRunResult: DryRunResult = {
    would_close: 30,
    would_be_refused: null,
    fleet: { ...NO_TALLY, expected: 2 },
    replicas: [],
  };
  entries: readonly LedgerEntry[] = [];
  next: string | null = null;
  pages: { limit: number; before?: string }[] = [];
  roster: readonly ReplicaStatus[] = [replicaOf("worker-1"), replicaOf("api-1")];
  ready: ReturnType<FleetControl["readiness"]> = { busConnected: true, roster: "ready" };

  /** The next injection closes with this entry. */
  willClose(parts: Partial<LedgerEntry>): void {
    const closed = Promise.resolve(entryOf(parts));
    this.result = { kind: "accepted", commandId: "01COMMAND", closed };
  }

  /** The next injection is refused. */
  willRefuse(refusal: Refusal): void {
    this.result = { kind: "refused", refusal };
  }

  inject(request: InjectRequest): Promise<InjectResult> {
    this.injected.push(request);
    return Promise.resolve(this.result);
  }

  recover(request: RecoverRequest): Promise<InjectResult> {
    this.recovered.push(request);
    return Promise.resolve(this.result);
  }

  halt(origin: CommandOrigin): Promise<InjectResult> {
    this.halts.push(origin);
    return Promise.resolve(this.result);
  }

  release(origin: CommandOrigin): Promise<InjectResult> {
    this.releases.push(origin);
    return Promise.resolve(this.result);
  }

  conflict(): Refusal | null {
    return this.conflicting;
  }

  newCommandId(): string {
    return "01KDVDNA009GFCSG5YFAGTEST0";
  }

  haltRefusal(): Refusal | null {
    return this.halted;
  }

  dryRun(request: InjectRequest): DryRunResult {
    this.injected.push(request);
    return this.dryRunResult;
  }

  status(): FleetStatus {
    return {
      load: { active: false, level: "none", remaining_seconds: 0 },
      hang: { active: false, scope: null, remaining_seconds: 0 },
      block: { active: false, mode: null, remaining_seconds: 0 },
      token_expiry: { active: false, remaining_seconds: 0 },
      redis: { connected: true, connection_count: 30, last_reset: null },
      fleet: { replicas: 2, active: 2, stale: 0, left: 0 },
      roster: this.ready.roster,
      bus: {
        connected: this.ready.busConnected,
        tier: "embedded",
        heartbeat_interval_ms: 1_000,
        least_deadline_ms: 0,
      },
      halted: false,
      cool_down: { active: false, remaining_ms: 0 },
      replicas: this.roster,
    };
  }

  replicas(): readonly ReplicaStatus[] {
    return this.roster;
  }

  replica(replicaId: string): ReplicaStatus | undefined {
    return this.roster.find(({ replica_id }) => replica_id === replicaId);
  }

  commands(page: { limit: number; before?: string }): ReturnType<FleetControl["commands"]> {
    this.pages.push(page);
    return { entries: this.entries.slice(0, page.limit), next: this.next };
  }

  command(commandId: string): LedgerEntry | undefined {
    return this.entries.find(({ command_id }) => command_id === commandId);
  }

  readiness(): ReturnType<FleetControl["readiness"]> {
    return this.ready;
  }
}
