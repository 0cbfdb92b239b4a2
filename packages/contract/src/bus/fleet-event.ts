import { Type, type Static } from "typebox";
import { mapOrders, type CommandOrder } from "../fault.ts";
import { CountSchema, IdentifierSchema, SpanInMsSchema, TimestampSchema } from "../scalars.ts";
import { AcknowledgementBodySchema } from "./acknowledgement.ts";
import { CommandTargetSchema } from "./command.ts";
import { RecoveryBodySchema } from "./recovery-report.ts";
import { ReplicaStateSchema } from "./replica-state.ts";
import { BUS_SCHEMA_VERSION } from "./schema-version.ts";

const schema = Type.Literal(BUS_SCHEMA_VERSION);

/** A replica's first message after it can hear commands, and its answer to a roll-call. */
export const HelloSchema = Type.Object({
  schema,
  type: Type.Literal("hello"),
  ...ReplicaStateSchema.properties,
});

export type Hello = Static<typeof HelloSchema>;

/** A replica's regular sign of life. */
export const HeartbeatSchema = Type.Object({
  schema,
  type: Type.Literal("heartbeat"),
  ...ReplicaStateSchema.properties,
});

export type Heartbeat = Static<typeof HeartbeatSchema>;

/** A replica's last message: it ends on purpose. */
export const ByeSchema = Type.Object({
  schema,
  type: Type.Literal("bye"),
  replica_id: IdentifierSchema,
  instance_id: IdentifierSchema,
});

export type Bye = Static<typeof ByeSchema>;

export const AcknowledgementSchema = Type.Object({
  schema,
  type: Type.Literal("acknowledgement"),
  ...AcknowledgementBodySchema.properties,
});

export type Acknowledgement = Static<typeof AcknowledgementSchema>;

export const RecoveryReportSchema = Type.Object({
  schema,
  type: Type.Literal("recovery-report"),
  ...RecoveryBodySchema.properties,
});

export type RecoveryReport = Static<typeof RecoveryReportSchema>;

/** A replica that a command counts on. */
export const ExpectedReplicaSchema = Type.Object(
  {
    replica_id: IdentifierSchema,
    instance_id: IdentifierSchema,
    role: IdentifierSchema,
  },
  { $id: "ExpectedReplica" },
);

export type ExpectedReplica = Static<typeof ExpectedReplicaSchema>;

/** Said again for whoever missed it. */
const is_repetition = Type.Optional(Type.Literal(true));

const openedEnvelope = {
  schema,
  type: Type.Literal("command-opened"),
  command_id: IdentifierSchema,
  epoch: CountSchema,
  target: CommandTargetSchema,
  /** The part of the expected set that this message carries. */
  expected: Type.Array(ExpectedReplicaSchema),
  /** false: it was published while the whole fleet was not known, so that it can never be complete. */
  is_roster_complete: Type.Boolean(),
  part: CountSchema,
  parts: Type.Integer({ minimum: 1 }),
  /** Broker time. */
  opened_at: TimestampSchema,
  /** Broker time at which the answer is due. */
  deadline_at: TimestampSchema,
  deadline_ms: SpanInMsSchema,
  issuer: IdentifierSchema,
  caller: IdentifierSchema,
  reason: Type.Union([Type.String({ maxLength: 500 }), Type.Null()]),
  is_repetition,
} as const;

const OpenedEnvelopeSchema = Type.Object(openedEnvelope);

/** The schema of a command's opening for each order. */
export const COMMAND_OPENED_SCHEMAS = mapOrders((order) =>
  Type.Object({ ...openedEnvelope, ...order }),
);

/** Opens the same ledger entry in every API replica; in several parts when the fleet is large. */
export type CommandOpened = Static<typeof OpenedEnvelopeSchema> & CommandOrder;

/** The collection of a command's answers is over: everybody answered, or the deadline passed. */
export const CommandClosedSchema = Type.Object({
  schema,
  type: Type.Literal("command-closed"),
  command_id: IdentifierSchema,
  issuer: IdentifierSchema,
  /** Broker time. */
  closed_at: TimestampSchema,
  duration_ms: SpanInMsSchema,
  /** `unknown`: the publish failed in a way that does not tell whether the command went out. */
  published: Type.Union([Type.Literal("yes"), Type.Literal("unknown"), Type.Literal("no")]),
  /** The instances whose answers were in by then; absent where their names do not fit. */
  answered: Type.Optional(Type.Array(IdentifierSchema)),
  is_repetition,
});

export type CommandClosed = Static<typeof CommandClosedSchema>;

/** An API replica that was cut off asks the others for the commands that they have issued lately. */
export const LedgerCallSchema = Type.Object({
  schema,
  type: Type.Literal("ledger-call"),
  issuer: IdentifierSchema,
});

export type LedgerCall = Static<typeof LedgerCallSchema>;

/** Everything that an API replica publishes for the others. */
export type LedgerEvent = CommandOpened | CommandClosed | LedgerCall;

/** Everything that a replica publishes. */
export type ReplicaEvent = Hello | Heartbeat | Bye | Acknowledgement | RecoveryReport;

/** What happens in the fleet, without what APIs say among themselves to be in step. */
export type FleetNews = ReplicaEvent | CommandOpened | CommandClosed;

/** Everything that travels on the topic of events. */
export type FleetEvent = FleetNews | LedgerCall;
