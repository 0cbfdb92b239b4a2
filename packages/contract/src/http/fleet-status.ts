import { Type, type Static } from "typebox";
import { RecoveryBodySchema } from "../bus/recovery-report.ts";
import { RedisStateSchema } from "../bus/replica-state.ts";
import { BUS_TIERS } from "../bus-tiers.ts";
import { BLOCK_MODES, LOAD_LEVELS, REPLICA_HANG_SCOPES } from "../fault-names.ts";
import type { Frozen } from "../frozen.ts";
import { orNull } from "../or-null.ts";
import { ROSTER_STATES } from "../roster-states.ts";
import { JobsStatusSchema } from "./jobs-status.ts";
import { CountSchema, IdentifierSchema, LabelsSchema, TimestampSchema } from "../scalars.ts";

const LoadStatusSchema = Type.Object(
  {
    active: Type.Boolean(),
    level: Type.Enum([...LOAD_LEVELS, "none"]),
    remaining_seconds: CountSchema,
  },
  { $id: "LoadStatus" },
);

export type LoadStatus = Frozen<Static<typeof LoadStatusSchema>>;

const HangStatusSchema = Type.Object(
  {
    active: Type.Boolean(),
    scope: orNull(
      Type.Enum([...REPLICA_HANG_SCOPES, "request"]),
      "`request` hangs are this API's own; null: none.",
    ),
    remaining_seconds: Type.Integer({ minimum: 0, description: "0 while active: for ever." }),
  },
  { $id: "HangStatus" },
);

export type HangStatus = Frozen<Static<typeof HangStatusSchema>>;

const BlockStatusSchema = Type.Object(
  {
    active: Type.Boolean(),
    mode: orNull(Type.Enum(BLOCK_MODES)),
    remaining_seconds: CountSchema,
  },
  { $id: "BlockStatus" },
);

export type BlockStatus = Frozen<Static<typeof BlockStatusSchema>>;

const TokenExpiryStatusSchema = Type.Object(
  { active: Type.Boolean(), remaining_seconds: CountSchema },
  { $id: "TokenExpiryStatus" },
);

export type TokenExpiryStatus = Frozen<Static<typeof TokenExpiryStatusSchema>>;

/** One replica in `GET /chaos/status` and `GET /chaos/replicas`. */
export const ReplicaStatusSchema = Type.Object(
  {
    replica_id: IdentifierSchema,
    instance_id: IdentifierSchema,
    role: IdentifierSchema,
    labels: LabelsSchema,
    allow: Type.Array(IdentifierSchema, { description: "Faults that the process consents to." }),
    state: Type.Enum(ROSTER_STATES, {
      description:
        "active: fresh heartbeat. stale: three missed. left: said bye, or silent for long.",
    }),
    started_at: TimestampSchema,
    last_seen: TimestampSchema,
    clock_offset_ms: orNull(Type.Number(), "The replica's clock minus the broker's."),
    load: LoadStatusSchema,
    hang: HangStatusSchema,
    block: BlockStatusSchema,
    token_expiry: TokenExpiryStatusSchema,
    halted: Type.Boolean(),
    redis: RedisStateSchema,
    last_recovery: orNull(RecoveryBodySchema),
  },
  { $id: "ReplicaStatus", description: "One replica as the roster knows it." },
);

export type ReplicaStatus = Frozen<Static<typeof ReplicaStatusSchema>>;

/** `GET /chaos/replicas`. */
export const ReplicaListSchema = Type.Object(
  { replicas: Type.Array(ReplicaStatusSchema) },
  { $id: "ReplicaList", description: "The roster, also those who left a short while ago." },
);

export type ReplicaList = Frozen<Static<typeof ReplicaListSchema>>;

/** `GET /chaos/status`: always from memory. */
export const FleetStatusSchema = Type.Object(
  {
    load: LoadStatusSchema,
    hang: HangStatusSchema,
    block: BlockStatusSchema,
    token_expiry: TokenExpiryStatusSchema,
    redis: Type.Object({
      connected: Type.Boolean({
        description: "Every active replica that uses Redis has a connection that had a reply.",
      }),
      connection_count: CountSchema,
      last_reset: orNull(TimestampSchema),
    }),
    fleet: Type.Object({
      replicas: CountSchema,
      active: CountSchema,
      stale: CountSchema,
      left: CountSchema,
    }),
    roster: Type.Enum(["warming", "ready"]),
    bus: Type.Object({
      connected: Type.Boolean(),
      tier: Type.Enum(BUS_TIERS, { description: "What the pace below is made for." }),
      heartbeat_interval_ms: Type.Number({
        minimum: 0,
        description: "How often each replica of a fleet of this size reports.",
      }),
      least_deadline_ms: Type.Number({
        minimum: 0,
        description: "A reset of the whole fleet is given at least so long, whatever it asks for.",
      }),
    }),
    halted: Type.Boolean(),
    cool_down: Type.Object({ active: Type.Boolean(), remaining_ms: Type.Number({ minimum: 0 }) }),
    jobs: Type.Optional(JobsStatusSchema),
    replicas: Type.Array(ReplicaStatusSchema),
  },
  { $id: "FleetStatus", description: "The fleet as this API knows it, from memory." },
);

export type FleetStatus = Frozen<Static<typeof FleetStatusSchema>>;
