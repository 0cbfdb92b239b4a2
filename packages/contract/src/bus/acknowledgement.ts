import { Type, type Static } from "typebox";
import { ConnectionCountsSchema } from "../connection-counts.ts";
import { MOST_CLOSED_ADDRESSES } from "../most-closed-addresses.ts";
import { CountSchema, IdentifierSchema, SpanInMsSchema, TimestampSchema } from "../scalars.ts";

/** What a replica made of a command. */
export const ACKNOWLEDGEMENT_STATES = ["acknowledged", "failed", "refused", "expired"] as const;

export type AcknowledgementState = (typeof ACKNOWLEDGEMENT_STATES)[number];

/** Circumstances under which a drain may still hurt an application. */
export const DRAIN_HAZARDS = [
  "transaction",
  "watch-not-visible",
  "no-offline-queue",
  "subscriber",
  "monitor",
] as const;

export type DrainHazard = (typeof DRAIN_HAZARDS)[number];

export const DrainHazardsSchema = Type.Partial(
  Type.Object({
    transaction: CountSchema,
    "watch-not-visible": CountSchema,
    "no-offline-queue": CountSchema,
    subscriber: CountSchema,
    monitor: CountSchema,
  }),
  { $id: "DrainHazards", description: "How many connections each hazard concerned." },
);

/** How many connections each hazard concerned. */
export type DrainHazards = Static<typeof DrainHazardsSchema>;

/** What closing a replica's connections came to. */
export const CloseReportSchema = Type.Object({
  /** `partial`: the process holds connections that the agent cannot close or classify. */
  coverage: Type.Union([Type.Literal("full"), Type.Literal("partial")]),
  /** Sockets that were established and are closed. */
  connections_closed: CountSchema,
  /** Sockets that were still connecting and are destroyed. */
  connecting_aborted: CountSchema,
  connections: ConnectionCountsSchema,
  unseen: CountSchema,
  /** `process`: the application's own thread closed them. `server`: Redis was told to. */
  closed_by: Type.Union([Type.Literal("process"), Type.Literal("server")]),
  /** `server`: idleness was read from CLIENT LIST. `quiet`: it was inferred from silence. */
  drain_method: Type.Optional(Type.Union([Type.Literal("server"), Type.Literal("quiet")])),
  /** Connections that were idle when they were closed. */
  drained: Type.Optional(CountSchema),
  /** Connections that were cut at the drain's deadline. */
  interrupted: Type.Optional(CountSchema),
  drain_hazards: Type.Optional(DrainHazardsSchema),
  /** Local addresses of what was closed, as Redis writes them; only where the command asked for them. */
  closed_addresses: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), { maxItems: MOST_CLOSED_ADDRESSES }),
  ),
});

export type CloseReport = Static<typeof CloseReportSchema>;

/** Why a replica did not do what the command asked. */
export const AcknowledgementErrorSchema = Type.Object(
  {
    code: IdentifierSchema,
    message: Type.String({ maxLength: 1_000 }),
  },
  { $id: "AcknowledgementError", description: "Why a replica did not do what was asked." },
);

export type AcknowledgementError = Static<typeof AcknowledgementErrorSchema>;

/** What a replica under load really gives. */
export const LoadReportSchema = Type.Object(
  {
    /** Cores' worth of processor time that are burnt. */
    cpu_cores: Type.Number({ minimum: 0 }),
    /** What the process holds of memory for the load. */
    memory_mb: CountSchema,
    /** `cpu-quota`: the container's quota allows less than the level asks for. */
    limited_by: Type.Union([Type.Literal("cpu-quota"), Type.Null()]),
  },
  { $id: "LoadReport", description: "What a replica under load really gives." },
);

export type LoadReport = Static<typeof LoadReportSchema>;

/** One replica's answer to one command, without the envelope. */
export const AcknowledgementBodySchema = Type.Object({
  command_id: IdentifierSchema,
  replica_id: IdentifierSchema,
  instance_id: IdentifierSchema,
  role: IdentifierSchema,
  epoch: CountSchema,
  state: Type.Enum(ACKNOWLEDGEMENT_STATES),
  ...CloseReportSchema.properties,
  /** Of a load that has begun. */
  load: Type.Optional(LoadReportSchema),
  /** Of a recovery or a halt: the faults that ran until then. */
  recovered: Type.Optional(Type.Array(IdentifierSchema, { maxItems: 16 })),
  /** Broker time at which the last connection was closed, or at which the command was turned down. */
  closed_at: TimestampSchema,
  /** From the arrival of the command to `closed_at`, by the replica's monotonic clock. */
  duration_ms: SpanInMsSchema,
  clock_offset_ms: Type.Union([Type.Number(), Type.Null()]),
  error: Type.Optional(AcknowledgementErrorSchema),
});

export type AcknowledgementBody = Static<typeof AcknowledgementBodySchema>;
