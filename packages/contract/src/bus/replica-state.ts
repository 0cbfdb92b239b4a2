import { Type, type Static } from "typebox";
import { ConnectionCountsSchema } from "../connection-counts.ts";
import {
  CountSchema,
  IdentifierSchema,
  LabelsSchema,
  SpanInMsSchema,
  TimestampSchema,
} from "../scalars.ts";
import { AcknowledgementBodySchema } from "./acknowledgement.ts";
import { RecoveryBodySchema } from "./recovery-report.ts";

/** Who a replica is. `instance_id` is new at every start, `replica_id` survives it. */
export const ReplicaIdentitySchema = Type.Object({
  replica_id: IdentifierSchema,
  instance_id: IdentifierSchema,
  role: IdentifierSchema,
  labels: LabelsSchema,
  /** Faults that the application consents to; names that a reader does not know are harmless. */
  allow: Type.Array(IdentifierSchema, { maxItems: 64 }),
});

export type ReplicaIdentity = Static<typeof ReplicaIdentitySchema>;

/** A replica's Redis connections as its agent counts them. */
export const RedisStateSchema = Type.Object(
  {
    /** Whether at least one connection has had a reply; null for a replica that never used Redis. */
    connected: Type.Union([Type.Boolean(), Type.Null()]),
    /** false when the application says that it uses no Redis at all. */
    enabled: Type.Boolean(),
    connection_count: CountSchema,
    connections: ConnectionCountsSchema,
    /** Connections to Redis that the kernel shows and the agent cannot close. */
    unseen: CountSchema,
    last_reset: Type.Union([TimestampSchema, Type.Null()]),
  },
  { $id: "RedisState", description: "A replica's Redis connections as its agent counts them." },
);

export type RedisState = Static<typeof RedisStateSchema>;

/** A fault that a replica is under at this moment. */
export const ActiveFaultSchema = Type.Object(
  {
    fault: IdentifierSchema,
    command_id: IdentifierSchema,
    /** Broker time. */
    ends_at: TimestampSchema,
    /** Of a load. */
    level: Type.Optional(IdentifierSchema),
    /** Of a hang. */
    scope: Type.Optional(IdentifierSchema),
    /** Of a block. */
    mode: Type.Optional(IdentifierSchema),
  },
  { $id: "ActiveFault", description: "A fault that a replica is under." },
);

export type ActiveFault = Static<typeof ActiveFaultSchema>;

/** What a replica says of itself in `hello` and in every `heartbeat`. */
export const ReplicaStateSchema = Type.Object({
  ...ReplicaIdentitySchema.properties,
  started_at: TimestampSchema,
  /** The span to the next heartbeat: after three of them without one the replica is stale. */
  interval_ms: SpanInMsSchema,
  /** Local clock minus broker clock; null until a delivery has been timed. */
  clock_offset_ms: Type.Union([Type.Number(), Type.Null()]),
  highest_epoch: CountSchema,
  /** The faults that it is under, and whether it refuses new ones because of a halt. */
  active_faults: Type.Array(ActiveFaultSchema, { maxItems: 16 }),
  halted: Type.Boolean(),
  redis: RedisStateSchema,
  /** Bus messages that did not fit the contract and were dropped. */
  dropped_messages: CountSchema,
  /** Repeated in every heartbeat, so that a lost answer heals. */
  last_acknowledgement: Type.Union([AcknowledgementBodySchema, Type.Null()]),
  last_recovery: Type.Union([RecoveryBodySchema, Type.Null()]),
});

export type ReplicaState = Static<typeof ReplicaStateSchema>;
