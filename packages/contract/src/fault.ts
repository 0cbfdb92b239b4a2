import { Type, type Static } from "typebox";
import { BLOCK_MODES, LOAD_LEVELS, REPLICA_HANG_SCOPES } from "./fault-names.ts";

const strict = { additionalProperties: false } as const;

/** The longest span of a load, a block and an expiry of tokens, in seconds. */
export const LONGEST_FAULT_IN_SECONDS = 3_600;

/** The longest span for which an event loop is blocked, in seconds. */
export const LONGEST_PROCESS_HANG_IN_SECONDS = 300;

const DurationSchema = Type.Integer({ minimum: 1, maximum: LONGEST_FAULT_IN_SECONDS });

/** What a redis-reset does in each replica. */
export const RedisResetParametersSchema = Type.Object(
  {
    /** true: close every connection at once. false: drain, then close. */
    force: Type.Boolean(),
    /** For force=false: how long in-flight commands may take, in milliseconds. */
    drain_timeout_ms: Type.Integer({ minimum: 1, maximum: 60_000 }),
    /** Keep new connections out for so long from the command's issue on; absent: not at all. */
    block_seconds: Type.Optional(DurationSchema),
    /** Answer with the addresses of what was closed, so that it can be compared with the server's CLIENT LIST. */
    verify: Type.Optional(Type.Boolean()),
  },
  strict,
);

export type RedisResetParameters = Static<typeof RedisResetParametersSchema>;

/** What a load does in each replica, from the command's issue on. */
export const LoadParametersSchema = Type.Object(
  {
    level: Type.Enum(LOAD_LEVELS),
    duration_seconds: DurationSchema,
    /** Jobs that the fleet's queue is fed with; not a replica's business. */
    jobs_per_second: Type.Integer({ minimum: 0, maximum: 10_000 }),
  },
  strict,
);

export type LoadParameters = Static<typeof LoadParametersSchema>;

/** What a hang does in each replica, from the command's issue on. */
const HangParametersSchema = Type.Object(
  { scope: Type.Enum(REPLICA_HANG_SCOPES), duration_seconds: DurationSchema },
  strict,
);

export type HangParameters = Static<typeof HangParametersSchema>;

/** What a block does in each replica, from the command's issue on: new connections to Redis fail, others live on. */
const RedisBlockParametersSchema = Type.Object(
  { mode: Type.Enum(BLOCK_MODES), duration_seconds: DurationSchema },
  strict,
);

export type RedisBlockParameters = Static<typeof RedisBlockParametersSchema>;

/** What an expiry of tokens does in each replica, from the command's issue on: authentications at Redis fail. */
const TokenExpiryParametersSchema = Type.Object({ duration_seconds: DurationSchema }, strict);

/** A halt and its release. */
const HaltParametersSchema = Type.Object({ reason: Type.String({ maxLength: 500 }) }, strict);

export type HaltParameters = Static<typeof HaltParametersSchema>;

const NoParametersSchema = Type.Object({}, strict);

/** The parameters of any command. */
export const CommandParametersSchema = Type.Union(
  [
    RedisResetParametersSchema,
    LoadParametersSchema,
    HangParametersSchema,
    RedisBlockParametersSchema,
    TokenExpiryParametersSchema,
    HaltParametersSchema,
    NoParametersSchema,
  ],
  { $id: "CommandParameters", description: "What the fault is injected with; {} for a recovery." },
);

const inject = Type.Literal("inject");
const recover = Type.Literal("recover");

/**
 * What a command tells replicas to do, one row for each pair of fault and action.
 * `halt` is no fault: it ends every fault and refuses new ones until it is recovered.
 */
export const COMMAND_ORDERS = {
  "redis-reset:inject": {
    fault: Type.Literal("redis-reset"),
    action: inject,
    parameters: RedisResetParametersSchema,
  },
  "load:inject": { fault: Type.Literal("load"), action: inject, parameters: LoadParametersSchema },
  "hang:inject": { fault: Type.Literal("hang"), action: inject, parameters: HangParametersSchema },
  "redis-block:inject": {
    fault: Type.Literal("redis-block"),
    action: inject,
    parameters: RedisBlockParametersSchema,
  },
  "token-expiry:inject": {
    fault: Type.Literal("token-expiry"),
    action: inject,
    parameters: TokenExpiryParametersSchema,
  },
  "load:recover": { fault: Type.Literal("load"), action: recover, parameters: NoParametersSchema },
  "hang:recover": { fault: Type.Literal("hang"), action: recover, parameters: NoParametersSchema },
  "redis-block:recover": {
    fault: Type.Literal("redis-block"),
    action: recover,
    parameters: NoParametersSchema,
  },
  "token-expiry:recover": {
    fault: Type.Literal("token-expiry"),
    action: recover,
    parameters: NoParametersSchema,
  },
  "halt:inject": {
    fault: Type.Literal("halt"),
    action: inject,
    parameters: HaltParametersSchema,
  },
  "halt:recover": {
    fault: Type.Literal("halt"),
    action: recover,
    parameters: HaltParametersSchema,
  },
} as const;

/** One schema for each order by its name, made from the order's members. */
export function mapOrders(
  make: (members: (typeof COMMAND_ORDERS)[OrderName]) => Type.TSchema,
): Readonly<Record<string, Type.TSchema>> {
  return Object.fromEntries(
    Object.entries(COMMAND_ORDERS).map(([name, members]) => [name, make(members)]),
  );
}

/** A fault and what to do with it, as one name: `load:recover`. */
export type OrderName = keyof typeof COMMAND_ORDERS;

type OrderOf<K extends OrderName> = {
  readonly [Member in keyof (typeof COMMAND_ORDERS)[K]]: (typeof COMMAND_ORDERS)[K][Member] extends Type.TSchema
    ? Static<(typeof COMMAND_ORDERS)[K][Member]>
    : never;
};

/** What a command tells replicas to do: a fault, whether to inject or to recover it, and how. */
export type CommandOrder = { [K in OrderName]: OrderOf<K> }[OrderName];

/** What a command is about: a fault, or the halt of all of them. */
export type CommandFault = CommandOrder["fault"];

/** The row of a pair of fault and action; undefined when there is none. */
export function orderName(fault: unknown, action: unknown): OrderName | undefined {
  const name = `${String(fault)}:${String(action)}`;
  return isOrderName(name) ? name : undefined;
}

function isOrderName(name: string): name is OrderName {
  return Object.hasOwn(COMMAND_ORDERS, name);
}

/** An order without whatever else stood beside its members. */
export function copyOrder(order: CommandOrder): CommandOrder {
  const { fault, action } = order;
  if (action === "recover") {
    return fault === "halt"
      ? { fault, action, parameters: { reason: order.parameters.reason } }
      : { fault, action, parameters: {} };
  }
  switch (fault) {
    case "redis-reset":
      return { fault, action, parameters: copyReset(order.parameters) };
    case "load": {
      const { level, duration_seconds, jobs_per_second } = order.parameters;
      return { fault, action, parameters: { level, duration_seconds, jobs_per_second } };
    }
    case "hang": {
      const { scope, duration_seconds } = order.parameters;
      return { fault, action, parameters: { scope, duration_seconds } };
    }
    case "redis-block": {
      const { mode, duration_seconds } = order.parameters;
      return { fault, action, parameters: { mode, duration_seconds } };
    }
    case "token-expiry": {
      const { duration_seconds } = order.parameters;
      return { fault, action, parameters: { duration_seconds } };
    }
    case "halt":
      return { fault, action, parameters: { reason: order.parameters.reason } };
  }
}

function copyReset(parameters: RedisResetParameters): RedisResetParameters {
  const { force, drain_timeout_ms, block_seconds, verify } = parameters;
  return {
    force,
    drain_timeout_ms,
    ...(block_seconds === undefined ? {} : { block_seconds }),
    ...(verify === undefined ? {} : { verify }),
  };
}
