import { Type, type Static } from "typebox";
import { RedisResetParametersSchema } from "../fault.ts";
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
    labels: Type.Optional(LabelsSchema),
  },
  strict,
);

export type CommandTarget = Static<typeof CommandTargetSchema>;

/**
 * A fault that every matching replica injects once.
 * Unknown members are not tolerated: an option that an old agent would silently ignore is a wrong reset.
 */
export const CommandSchema = Type.Object(
  {
    schema: Type.Literal(BUS_SCHEMA_VERSION),
    type: Type.Literal("command"),
    command_id: IdentifierSchema,
    fault: Type.Literal("redis-reset"),
    parameters: RedisResetParametersSchema,
    target: CommandTargetSchema,
    /** Grows with every command of the fleet; a replica refuses one below the highest it has seen. */
    epoch: CountSchema,
    /** Broker time. */
    issued_at: TimestampSchema,
    /** Broker time after which a replica no longer executes the command. */
    expires_at: TimestampSchema,
    /** The API instance that published it. */
    issuer: IdentifierSchema,
  },
  strict,
);

export type Command = Static<typeof CommandSchema>;

/** Asks replicas to report at once; also what a replica times its clock offset by. */
export const RollCallSchema = Type.Object(
  {
    schema: Type.Literal(BUS_SCHEMA_VERSION),
    type: Type.Literal("roll-call"),
    issuer: IdentifierSchema,
    /** The heartbeat interval that replicas shall keep from now on. */
    heartbeat_interval_ms: SpanInMsSchema,
    /** Replicas spread their answers over this span. */
    jitter_ms: SpanInMsSchema,
    /** Only these answer (everybody times the clock by it); absent: everybody answers. */
    replicas: Type.Optional(Type.Array(IdentifierSchema, { minItems: 1 })),
  },
  strict,
);

export type RollCall = Static<typeof RollCallSchema>;
