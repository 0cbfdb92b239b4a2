import type { RedisState, ReplicaState } from "../bus/replica-state.ts";
import type { BlockMode, LoadLevel, ReplicaHangScope } from "../fault-names.ts";

/** active: fresh heartbeat. stale: three missed. left: said bye, or silent for long. */
export const ROSTER_STATES = ["active", "stale", "left"] as const;

export type RosterState = (typeof ROSTER_STATES)[number];

export interface LoadStatus {
  readonly active: boolean;
  readonly level: LoadLevel | "none";
  readonly remaining_seconds: number;
}

export interface HangStatus {
  readonly active: boolean;
  /** `request` hangs are this API's own; null: none. */
  readonly scope: ReplicaHangScope | "request" | null;
  /** 0 with `active`: for ever. */
  readonly remaining_seconds: number;
}

export interface BlockStatus {
  readonly active: boolean;
  readonly mode: BlockMode | null;
  readonly remaining_seconds: number;
}

/** One replica in `GET /chaos/status` and `GET /chaos/replicas`. */
export interface ReplicaStatus {
  readonly replica_id: string;
  readonly instance_id: string;
  readonly role: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allow: readonly string[];
  readonly state: RosterState;
  readonly started_at: string;
  readonly last_seen: string;
  readonly clock_offset_ms: number | null;
  readonly load: LoadStatus;
  readonly hang: HangStatus;
  readonly block: BlockStatus;
  readonly halted: boolean;
  readonly redis: RedisState;
  readonly last_recovery: ReplicaState["last_recovery"];
}

/** `GET /chaos/replicas`. */
export interface ReplicaList {
  readonly replicas: readonly ReplicaStatus[];
}

/** `GET /chaos/status`: always from memory. */
export interface FleetStatus {
  readonly load: LoadStatus;
  readonly hang: HangStatus;
  readonly block: BlockStatus;
  readonly redis: {
    readonly connected: boolean;
    readonly connection_count: number;
    readonly last_reset: string | null;
  };
  readonly fleet: {
    readonly replicas: number;
    readonly active: number;
    readonly stale: number;
    readonly left: number;
  };
  readonly roster: "warming" | "ready";
  readonly bus: { readonly connected: boolean };
  readonly halted: boolean;
  readonly cool_down: { readonly active: boolean; readonly remaining_ms: number };
  readonly replicas: readonly ReplicaStatus[];
}
