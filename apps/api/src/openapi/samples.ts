/** What the examples of the document are made of: one small fleet, at one moment. */
export const SAMPLE_TIME = "2026-11-23T08:15:00.142Z";

const COMMAND_ID = "01KAQ5Z3V8E4H2N7R9T1W6Y0ZC";
const STARTED_AT = "2026-11-23T07:02:11.018Z";

/** A tally of two replicas that both did it. */
export const SAMPLE_TALLY = {
  expected: 2,
  acknowledged: 2,
  failed: 0,
  refused: 0,
  expired: 0,
  silent: 0,
  left: 0,
  late: 0,
  joined_late: 0,
} as const;

const worker = { replica_id: "orders-7f9c-31", instance_id: "0d6f6c1e", role: "worker" } as const;
const api = { replica_id: "api-5b2d-17", instance_id: "93ab11f0", role: "api" } as const;

const did = { state: "acknowledged", clock_offset_ms: 1.2 } as const;

/** The rows of a command that is not about connections. */
export const SAMPLE_ROWS = [
  { ...worker, ...did, closed_at: "2026-11-23T08:15:00.120Z", duration_ms: 1.4 },
  { ...api, ...did, closed_at: "2026-11-23T08:15:00.121Z", duration_ms: 1.1 },
] as const;

/** The rows of a reset. */
export const SAMPLE_RESET_ROWS = [
  { ...SAMPLE_ROWS[0], ...closeReport(14, 1) },
  { ...SAMPLE_ROWS[1], ...closeReport(3, 0) },
] as const;

function closeReport(command: number, blocking: number): object {
  return {
    coverage: "full",
    connections_closed: command + blocking,
    connecting_aborted: 0,
    connections: { command, blocking, subscriber: 0, unknown: 0 },
    unseen: 0,
    closed_by: "process",
  };
}

/** What every command's answer has. */
export const SAMPLE_COMMAND = {
  timestamp: SAMPLE_TIME,
  command_id: COMMAND_ID,
  outcome: "complete",
  published: "yes",
  duration_ms: 22.8,
  fleet: SAMPLE_TALLY,
  replicas: SAMPLE_ROWS,
} as const;

/** A ledger entry of a reset. */
export const SAMPLE_ENTRY = {
  command_id: COMMAND_ID,
  fault: "redis-reset",
  action: "inject",
  epoch: 12,
  parameters: { force: true, drain_timeout_ms: 5_000 },
  target: {},
  caller: "anonymous (127.0.0.1)",
  issuer: "api-5b2d-17-0f3e",
  reason: "nightly drill",
  opened_at: "2026-11-23T08:15:00.100Z",
  deadline_at: "2026-11-23T08:15:05.100Z",
  deadline_ms: 5_000,
  closed_at: "2026-11-23T08:15:00.123Z",
  published: "yes",
  outcome: "complete",
  connections_closed: 18,
  duration_ms: 22.8,
  skew_ms: 1,
  skew_uncertainty_ms: 2,
  fleet: SAMPLE_TALLY,
  replicas: SAMPLE_RESET_ROWS,
  recovery: {
    socket_recovered_ms: { p50: 61, p95: 70, max: 70 },
    all_back_ms: { p50: 154, p95: 181, max: 181 },
    command_recovered_ms: null,
    work_recovered_ms: null,
    not_back: [],
  },
} as const;

const noLoad = { active: false, level: "none", remaining_seconds: 0 } as const;
const noHang = { active: false, scope: null, remaining_seconds: 0 } as const;
const noExpiry = { active: false, remaining_seconds: 0 } as const;
const noBlock = { active: false, mode: null, remaining_seconds: 0 } as const;

/** One replica as the roster has it. */
export const SAMPLE_REPLICA = {
  ...worker,
  labels: { zone: "1" },
  allow: ["redis-reset", "load"],
  state: "active",
  started_at: STARTED_AT,
  last_seen: SAMPLE_TIME,
  clock_offset_ms: 1.2,
  load: noLoad,
  hang: noHang,
  block: noBlock,
  token_expiry: noExpiry,
  halted: false,
  redis: {
    connected: true,
    enabled: true,
    connection_count: 15,
    connections: { command: 14, blocking: 1, subscriber: 0, unknown: 0 },
    unseen: 0,
    last_reset: "2026-11-23T08:15:00.120Z",
  },
  last_recovery: null,
} as const;

/** The fleet's status. */
export const SAMPLE_STATUS = {
  load: noLoad,
  hang: noHang,
  block: noBlock,
  token_expiry: noExpiry,
  redis: { connected: true, connection_count: 15, last_reset: "2026-11-23T08:15:00.120Z" },
  fleet: { replicas: 1, active: 1, stale: 0, left: 0 },
  roster: "ready",
  bus: {
    connected: true,
    tier: "standard",
    heartbeat_interval_ms: 10_000,
    least_deadline_ms: 5_000,
  },
  halted: false,
  cool_down: { active: true, remaining_ms: 4_958 },
  replicas: [SAMPLE_REPLICA],
} as const;
