import { Type, type Static } from "typebox";
import { mapOrders, type CommandOrder } from "../fault.ts";
import {
  CountSchema,
  IdentifierSchema,
  LabelsSchema,
  SpanInMsSchema,
  TimestampSchema,
} from "../scalars.ts";
import { BUS_SCHEMA_VERSION } from "./schema-version.ts";

const strict = { additionalProperties: false } as const;

/**
 * Whom a command is for; members combine by AND and an empty object is the whole fleet.
 * Selectors by percent or count are resolved by the coordinator and travel as `replicas`.
 */
export const CommandTargetSchema = Type.Object(
  {
    replicas: Type.Optional(Type.Array(IdentifierSchema, { minItems: 1 })),
    role: Type.Optional(IdentifierSchema),
    /** Not those of this role, newcomers included. */
    except_role: Type.Optional(IdentifierSchema),
    labels: Type.Optional(LabelsSchema),
  },
  {
    ...strict,
    $id: "CommandTarget",
    description: "Whom a command is for; an empty object is the whole fleet.",
  },
);

export type CommandTarget = Static<typeof CommandTargetSchema>;

const envelope = {
  schema: Type.Literal(BUS_SCHEMA_VERSION),
  type: Type.Literal("command"),
  command_id: IdentifierSchema,
  target: CommandTargetSchema,
  /** Grows with every command of a fault; a replica refuses one below the highest it has seen of it. */
  epoch: CountSchema,
  /** Broker time; what lasts for a time ends so long after this moment, in every replica alike. */
  issued_at: TimestampSchema,
  /** Broker time after which a replica no longer executes the command. */
  expires_at: TimestampSchema,
  /** The API instance that published it. */
  issuer: IdentifierSchema,
} as const;

const CommandEnvelopeSchema = Type.Object(envelope, strict);

/**
 * The schema of a command for each order.
 * Unknown members are not tolerated: an option that an old agent would silently ignore is a wrong reset.
 */
export const COMMAND_SCHEMAS = mapOrders((order) => Type.Object({ ...envelope, ...order }, strict));

/** What every matching replica does once. */
export type Command = Static<typeof CommandEnvelopeSchema> & CommandOrder;

/** Asks replicas to report at once; also what a replica times its clock offset by. */
export const RollCallSchema = Type.Object(
  {
    schema: Type.Literal(BUS_SCHEMA_VERSION),
    type: Type.Literal("roll-call"),
    issuer: IdentifierSchema,
    /** Broker time: one that was overheard and is sent again much later says nothing any more. */
    issued_at: TimestampSchema,
    /** The heartbeat interval that replicas shall keep from now on. */
    heartbeat_interval_ms: SpanInMsSchema,
    /** Replicas spread their answers over this span. */
    jitter_ms: SpanInMsSchema,
    /** Only these answer (everybody times the clock by it); absent: everybody answers. */
    replicas: Type.Optional(Type.Array(IdentifierSchema, { minItems: 1 })),
    /** The latest halt or release, for replicas that missed it; absent: this API knows of none. */
    halt: Type.Optional(Type.Object({ epoch: CountSchema, halted: Type.Boolean() }, strict)),
  },
  strict,
);

export type RollCall = Static<typeof RollCallSchema>;
