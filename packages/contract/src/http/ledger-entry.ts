import { Type, type Static } from "typebox";
import {
  AcknowledgementErrorSchema,
  CloseReportSchema,
  LoadReportSchema,
} from "../bus/acknowledgement.ts";
import { CommandTargetSchema } from "../bus/command.ts";
import { RecoveryBodySchema } from "../bus/recovery-report.ts";
import { ACTIONS, COMMAND_FAULTS } from "../fault-names.ts";
import { CommandParametersSchema } from "../fault.ts";
import type { Frozen } from "../frozen.ts";
import { orNull } from "../or-null.ts";
import { CountSchema, IdentifierSchema, SpanInMsSchema, TimestampSchema } from "../scalars.ts";

/**
 * What a command's ledger says of one replica.
 *
 * `late`: executed before the command expired, answered after the deadline (counted in `fleet.silent` too).
 * `joined_late`: not expected, appeared meanwhile and answered.
 */
export const LEDGER_STATES = [
  "pending",
  "acknowledged",
  "failed",
  "refused",
  "expired",
  "silent",
  "late",
  "left",
  "joined_late",
] as const;

export type LedgerState = (typeof LEDGER_STATES)[number];

/** One replica's row in the answer and in the ledger. */
export const ReplicaOutcomeSchema = Type.Object(
  {
    replica_id: IdentifierSchema,
    instance_id: IdentifierSchema,
    role: IdentifierSchema,
    state: Type.Enum(LEDGER_STATES, {
      description:
        "late: executed in time, answered after the deadline. joined_late: not expected, appeared meanwhile and answered.",
    }),
    ...Type.Partial(CloseReportSchema).properties,
    closed_at: Type.Optional(TimestampSchema),
    duration_ms: Type.Optional(SpanInMsSchema),
    clock_offset_ms: Type.Optional(
      orNull(Type.Number(), "The replica's clock minus the broker's."),
    ),
    load: Type.Optional(LoadReportSchema),
    recovered: Type.Optional(
      Type.Array(IdentifierSchema, {
        description: "Of a recovery or a halt: the faults that ran until then.",
      }),
    ),
    error: Type.Optional(AcknowledgementErrorSchema),
    recovery: Type.Optional(RecoveryBodySchema),
  },
  {
    $id: "ReplicaOutcome",
    description:
      "What one replica made of a command. What is said of connections is absent where the command was not about them.",
  },
);

export type ReplicaOutcome = Frozen<Static<typeof ReplicaOutcomeSchema>>;

/** expected = acknowledged + failed + refused + expired + silent + left; late is a subset of silent. */
export const FleetTallySchema = Type.Object(
  {
    expected: CountSchema,
    acknowledged: CountSchema,
    failed: CountSchema,
    refused: CountSchema,
    expired: CountSchema,
    silent: CountSchema,
    left: CountSchema,
    late: CountSchema,
    joined_late: CountSchema,
  },
  {
    $id: "FleetTally",
    description:
      "expected = acknowledged + failed + refused + expired + silent + left; late is a subset of silent, joined_late were not expected.",
  },
);

export type FleetTally = Frozen<Static<typeof FleetTallySchema>>;

/** Whether a command went out: `unknown` where the publish failed in a way that does not tell. */
export const PublishedSchema = Type.Enum(["yes", "unknown", "no"], {
  description: "unknown: the bus was lost while publishing.",
});

/** `none`: nobody did it. A pending entry is still collecting. */
const LEDGER_OUTCOMES = ["pending", "complete", "partial", "none"] as const;

export type LedgerOutcome = (typeof LEDGER_OUTCOMES)[number];

const PercentilesSchema = Type.Object(
  { p50: SpanInMsSchema, p95: SpanInMsSchema, max: SpanInMsSchema },
  { $id: "Percentiles", description: "Over the replicas that came back, in milliseconds." },
);

export type Percentiles = Frozen<Static<typeof PercentilesSchema>>;

/** Percentiles over the replicas that came back, and who has not. */
const RecoverySummarySchema = Type.Object(
  {
    socket_recovered_ms: orNull(PercentilesSchema),
    all_back_ms: orNull(PercentilesSchema),
    command_recovered_ms: orNull(PercentilesSchema),
    work_recovered_ms: orNull(PercentilesSchema),
    not_back: Type.Array(IdentifierSchema, {
      description: "Replica ids whose connections are not all back.",
    }),
  },
  { $id: "RecoverySummary", description: "How the fleet came back after a reset." },
);

export type RecoverySummary = Frozen<Static<typeof RecoverySummarySchema>>;

/** One command in the ledger; amended by late answers and by recovery reports. */
export const LedgerEntrySchema = Type.Object(
  {
    command_id: IdentifierSchema,
    fault: Type.Enum(COMMAND_FAULTS),
    action: Type.Enum(ACTIONS),
    epoch: CountSchema,
    parameters: CommandParametersSchema,
    target: CommandTargetSchema,
    caller: Type.String(),
    issuer: Type.String({ description: "The API instance that published it." }),
    reason: orNull(Type.String()),
    opened_at: TimestampSchema,
    deadline_at: TimestampSchema,
    deadline_ms: SpanInMsSchema,
    closed_at: orNull(TimestampSchema, "null while answers are collected."),
    published: PublishedSchema,
    outcome: Type.Enum(LEDGER_OUTCOMES, {
      description: "none: nobody did it. pending: answers are collected.",
    }),
    connections_closed: Type.Integer({
      minimum: 0,
      description: "Over every acknowledgement, also late and joined_late ones.",
    }),
    duration_ms: orNull(SpanInMsSchema),
    skew_ms: orNull(
      SpanInMsSchema,
      "Between the first and the last replica's close; null with fewer than two.",
    ),
    skew_uncertainty_ms: orNull(SpanInMsSchema),
    fleet: FleetTallySchema,
    replicas: Type.Array(ReplicaOutcomeSchema),
    recovery: orNull(RecoverySummarySchema),
  },
  {
    $id: "LedgerEntry",
    description:
      "One command and what each replica answered; amended by late answers and by reports of recovery.",
  },
);

export type LedgerEntry = Frozen<Static<typeof LedgerEntrySchema>>;

/** `GET /chaos/commands`: newest first. */
export const CommandPageSchema = Type.Object(
  {
    commands: Type.Array(LedgerEntrySchema),
    next: orNull(
      Type.String(),
      "What to pass as `before` for the next page; null on the last one.",
    ),
  },
  { $id: "CommandPage", description: "Commands of the fleet, newest first." },
);

export type CommandPage = Frozen<Static<typeof CommandPageSchema>>;
