import type { FleetStatus, LedgerEntry, LedgerState, ReplicaStatus } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { SAMPLE_AT, sampleEntry, sampleRecovery } from "./doubles/sample-messages.ts";
import { FleetMetrics } from "./fleet-metrics.ts";

const NONE = { command: 0, blocking: 0, subscriber: 0, unknown: 0 };

function replica(id: string, changes: Partial<ReplicaStatus> = {}): ReplicaStatus {
  return {
    replica_id: id,
    instance_id: `${id}-1`,
    role: "worker",
    labels: {},
    allow: [],
    state: "active",
    started_at: SAMPLE_AT,
    last_seen: SAMPLE_AT,
    clock_offset_ms: 0,
    load: { active: false, level: "none", remaining_seconds: 0 },
    hang: { active: false, scope: null, remaining_seconds: 0 },
    block: { active: false, mode: null, remaining_seconds: 0 },
    token_expiry: { active: false, remaining_seconds: 0 },
    halted: false,
    redis: {
      connected: true,
      enabled: true,
      connection_count: 3,
      connections: { ...NONE, command: 2, blocking: 1 },
      unseen: 0,
      last_reset: null,
    },
    last_recovery: null,
    ...changes,
  };
}

function recovery(allBackInMs: number | null, isFinished = true) {
  return sampleRecovery("w", {
    connections_back: allBackInMs === null ? 2 : 3,
    all_back_ms: allBackInMs,
    finished: isFinished,
  });
}

type Row = LedgerEntry["replicas"][number];

function row(id: string, state: LedgerState, changes: Partial<Row> = {}): Row {
  return { replica_id: id, instance_id: `${id}-1`, role: "worker", state, ...changes };
}

function entry(replicas: readonly Row[], changes: Partial<LedgerEntry> = {}): LedgerEntry {
  const fleet = { ...sampleEntry().fleet, expected: replicas.length };
  return sampleEntry({ fleet, replicas, ...changes });
}

/** Metrics of a fleet that a test changes under them. */
class Scene {
  commands: readonly LedgerEntry[] = [];
  replicas: readonly ReplicaStatus[] = [];
  coolDownInMs = 0;
  readonly metrics = new FleetMetrics({
    status: () => this.#status(),
    recentCommands: (limit) => this.commands.slice(0, limit),
  });

  /** The values of a metric by its labels, as Prometheus reads them. */
  async values(name: string): Promise<Readonly<Record<string, number>>> {
    const lines = (await this.metrics.render()).split("\n");
    const pattern = new RegExp(`^${name}(?:\\{(?<labels>.*)\\})? (?<value>\\S+)$`, "u");
    const values: Record<string, number> = {};
    for (const line of lines) {
      const found = pattern.exec(line)?.groups;
      if (found !== undefined) {
        values[(found["labels"] ?? "").replaceAll('"', "")] = Number(found["value"]);
      }
    }
    return values;
  }

  /** The same without those that have counted nothing yet. */
  async counts(name: string): Promise<Readonly<Record<string, number>>> {
    const values = Object.entries(await this.values(name));
    return Object.fromEntries(values.filter(([, value]) => value > 0));
  }

  #status(): FleetStatus {
    const { load, hang, block, token_expiry: expiry } = replica("nobody");
    return {
      load,
      hang,
      block,
      token_expiry: expiry,
      redis: { connected: true, connection_count: 0, last_reset: null },
      fleet: { replicas: this.replicas.length, active: 0, stale: 0, left: 0 },
      roster: "ready",
      bus: {
        connected: true,
        tier: "embedded",
        heartbeat_interval_ms: 1_000,
        least_deadline_ms: 0,
      },
      halted: false,
      cool_down: { active: this.coolDownInMs > 0, remaining_ms: this.coolDownInMs },
      replicas: this.replicas,
    };
  }
}

const ACKNOWLEDGEMENTS = "fleetquake_acknowledgements_total";
const CLOSED = "fleetquake_connections_closed_total";
const ofReset = "fault=redis-reset,action=inject";

describe("the metrics of a fleet", () => {
  it("count a command when its collection is over, and never twice", async () => {
    const scene = new Scene();
    const open = entry([row("w", "pending")], { closed_at: null, duration_ms: null });
    scene.commands = [open];
    expect(await scene.counts("fleetquake_commands_total")).toEqual({});
    const closed = entry([row("w", "acknowledged"), row("v", "silent")]);
    scene.metrics.countCommand(closed);
    scene.commands = [closed];
    expect(await scene.counts("fleetquake_commands_total")).toEqual({
      [`${ofReset},outcome=partial`]: 1,
    });
    expect(await scene.values("fleetquake_command_duration_seconds_sum")).toEqual({
      [ofReset]: 0.04,
    });
    expect(await scene.counts(ACKNOWLEDGEMENTS)).toEqual({
      [`${ofReset},state=acknowledged`]: 1,
      [`${ofReset},state=silent`]: 1,
    });
    expect(await scene.values(CLOSED)).toEqual({ "": 3 });
  });

  it("are there from the start, at 0, so that the first silent replica is an increase", async () => {
    const values = await new Scene().values(ACKNOWLEDGEMENTS);
    expect(values[`${ofReset},state=silent`]).toBe(0);
  });

  it("add what a late answer amends", async () => {
    const scene = new Scene();
    scene.commands = [entry([row("w", "acknowledged"), row("v", "silent")])];
    await scene.metrics.render();
    scene.commands = [
      entry([row("w", "acknowledged"), row("v", "late")], { connections_closed: 8 }),
    ];
    expect(await scene.values(CLOSED)).toEqual({ "": 8 });
    expect(await scene.counts(ACKNOWLEDGEMENTS)).toEqual({
      [`${ofReset},state=acknowledged`]: 1,
      [`${ofReset},state=silent`]: 1,
      [`${ofReset},state=late`]: 1,
    });
  });

  it("observe each moment of a recovery once, and count who had not come back when the watch was over", async () => {
    const scene = new Scene();
    const under = (w: number | null, isFinished: boolean): LedgerEntry =>
      entry([
        row("w", "acknowledged", { recovery: recovery(w, isFinished) }),
        row("v", "acknowledged", { recovery: recovery(null, isFinished) }),
      ]);
    scene.commands = [under(150, false)];
    expect(await scene.values("fleetquake_recovery_seconds_count")).toEqual({
      "moment=socket": 2,
      "moment=all_back": 1,
    });
    expect(await scene.values("fleetquake_recoveries_unfinished_total")).toEqual({ "": 0 });
    scene.commands = [under(150, true)];
    await scene.metrics.render();
    expect(await scene.values("fleetquake_recovery_seconds_count")).toEqual({
      "moment=socket": 2,
      "moment=all_back": 1,
    });
    expect(await scene.values("fleetquake_recovery_seconds_sum")).toMatchObject({
      "moment=all_back": 0.15,
    });
    expect(await scene.values("fleetquake_recoveries_unfinished_total")).toEqual({ "": 1 });
  });

  it("tell of the roster by role, and no more of a role of which nobody is left", async () => {
    const scene = new Scene();
    const load = { active: true, level: "high", remaining_seconds: 9 } as const;
    scene.coolDownInMs = 2_500;
    scene.replicas = [
      replica("w", { load }),
      replica("v", { state: "stale", load }),
      replica("u", { last_recovery: recovery(null) }),
      replica("a", { role: "api" }),
    ];
    expect(await scene.values("fleetquake_replicas")).toMatchObject({
      "role=worker,state=active": 2,
      "role=worker,state=stale": 1,
      "role=worker,state=left": 0,
      "role=api,state=active": 1,
    });
    expect(await scene.values("fleetquake_redis_connections")).toMatchObject({
      "role=worker,kind=command": 4,
      "role=worker,kind=blocking": 2,
    });
    expect(await scene.values("fleetquake_replicas_under_fault")).toEqual({
      "fault=load": 1,
      "fault=hang": 0,
      "fault=redis-block": 0,
      "fault=token-expiry": 0,
    });
    expect(await scene.values("fleetquake_replicas_not_back")).toMatchObject({ "role=worker": 1 });
    expect(await scene.values("fleetquake_cool_down_seconds")).toEqual({ "": 2.5 });
    scene.replicas = [replica("a", { role: "api" })];
    const left = Object.keys(await scene.values("fleetquake_replicas"));
    expect(left.every((labels) => labels.startsWith("role=api"))).toBe(true);
  });

  it("count requests by the pattern of their route", async () => {
    const scene = new Scene();
    const route = "/chaos/replicas/:id";
    scene.metrics.countRequest({ method: "GET", route, status: 200, durationInMs: 4 });
    scene.metrics.countRequest({ method: "GET", route: undefined, status: 404, durationInMs: 1 });
    expect(await scene.values("fleetquake_http_request_duration_seconds_count")).toEqual({
      [`method=GET,route=${route},status=200`]: 1,
      "method=GET,route=none,status=404": 1,
    });
  });
});
