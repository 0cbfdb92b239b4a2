import { Type, type Static } from "typebox";
import { AcknowledgementBodySchema } from "../bus/acknowledgement.ts";
import { CommandTargetSchema } from "../bus/command.ts";
import { ExpectedReplicaSchema } from "../bus/fleet-event.ts";
import { RecoveryBodySchema } from "../bus/recovery-report.ts";
import {
  ActiveFaultSchema,
  RedisStateSchema,
  ReplicaIdentitySchema,
} from "../bus/replica-state.ts";
import { ACTIONS, COMMAND_FAULTS } from "../fault-names.ts";
import { CommandParametersSchema } from "../fault.ts";
import type { Frozen } from "../frozen.ts";
import { orNull } from "../or-null.ts";
import { CountSchema, IdentifierSchema, SpanInMsSchema, TimestampSchema } from "../scalars.ts";
import { FleetStatusSchema } from "./fleet-status.ts";
import { LedgerEntrySchema, PublishedSchema } from "./ledger-entry.ts";

/** When the broker had it; in broker time, like everything that is compared between machines. */
const at = TimestampSchema;

const HelloEventSchema = Type.Object(
  {
    type: Type.Literal("hello"),
    at,
    ...ReplicaIdentitySchema.properties,
    started_at: TimestampSchema,
    clock_offset_ms: orNull(Type.Number()),
    active_faults: Type.Array(ActiveFaultSchema),
    halted: Type.Boolean(),
    redis: RedisStateSchema,
  },
  { $id: "HelloEvent", description: "A replica has joined, or answers to a roll-call." },
);

const ByeEventSchema = Type.Object(
  {
    type: Type.Literal("bye"),
    at,
    replica_id: IdentifierSchema,
    instance_id: IdentifierSchema,
  },
  { $id: "ByeEvent", description: "A replica ends on purpose." },
);

const AcknowledgementEventSchema = Type.Object(
  { type: Type.Literal("acknowledgement"), at, ...AcknowledgementBodySchema.properties },
  { $id: "AcknowledgementEvent", description: "One replica's answer to a command." },
);

const RecoveryReportEventSchema = Type.Object(
  { type: Type.Literal("recovery-report"), at, ...RecoveryBodySchema.properties },
  { $id: "RecoveryReportEvent", description: "How a replica is coming back; later ones say more." },
);

const CommandOpenedEventSchema = Type.Object(
  {
    type: Type.Literal("command-opened"),
    at,
    command_id: IdentifierSchema,
    fault: Type.Enum(COMMAND_FAULTS),
    action: Type.Enum(ACTIONS),
    parameters: CommandParametersSchema,
    epoch: CountSchema,
    target: CommandTargetSchema,
    expected: Type.Array(ExpectedReplicaSchema, {
      description: "The part of the expected replicas that this event carries.",
    }),
    is_roster_complete: Type.Boolean({
      description:
        "false: it was published while the whole fleet was not known, so that it can never be complete.",
    }),
    part: Type.Integer({
      minimum: 0,
      description: "Counted from 0; only large fleets have several.",
    }),
    parts: Type.Integer({ minimum: 1 }),
    opened_at: TimestampSchema,
    deadline_at: TimestampSchema,
    deadline_ms: SpanInMsSchema,
    issuer: IdentifierSchema,
    caller: IdentifierSchema,
    reason: orNull(Type.String()),
  },
  { $id: "CommandOpenedEvent", description: "A command is on its way; its answers are collected." },
);

const CommandClosedEventSchema = Type.Object(
  {
    type: Type.Literal("command-closed"),
    at,
    command_id: IdentifierSchema,
    issuer: IdentifierSchema,
    closed_at: TimestampSchema,
    duration_ms: SpanInMsSchema,
    published: PublishedSchema,
  },
  {
    $id: "CommandClosedEvent",
    description:
      "A command's answers are collected: everybody answered, or the deadline passed. published no: it never went out.",
  },
);

const SnapshotEventSchema = Type.Object(
  {
    type: Type.Literal("snapshot"),
    at,
    status: FleetStatusSchema,
    commands: Type.Array(LedgerEntrySchema, { description: "Recent commands, newest first." }),
  },
  {
    $id: "SnapshotEvent",
    description: "How things stand: sent where the events that a client has missed are not known.",
  },
);

/** What `GET /chaos/events` sends: the data of one Server-Sent Event, whose name is its `type`. */
export const StreamEventSchema = Type.Union(
  [
    SnapshotEventSchema,
    CommandOpenedEventSchema,
    AcknowledgementEventSchema,
    CommandClosedEventSchema,
    RecoveryReportEventSchema,
    HelloEventSchema,
    ByeEventSchema,
  ],
  {
    $id: "StreamEvent",
    description: "The data of one Server-Sent Event; the event's name is its `type`.",
  },
);

export type StreamEvent = Frozen<Static<typeof StreamEventSchema>>;
