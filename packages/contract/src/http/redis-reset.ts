import { Type, type Static } from "typebox";
import { IdentifierSchema, LabelsSchema } from "../scalars.ts";

const strict = { additionalProperties: false } as const;

/** Whom a request is for: at least one member; members combine by AND, percent and count exclude each other. */
export const TargetSchema = Type.Object(
  {
    replicas: Type.Optional(
      Type.Array(IdentifierSchema, { minItems: 1, maxItems: 256, uniqueItems: true }),
    ),
    role: Type.Optional(IdentifierSchema),
    labels: Type.Optional(LabelsSchema),
    percent: Type.Optional(Type.Number({ minimum: 1, maximum: 100 })),
    count: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { ...strict, minProperties: 1 },
);

export type Target = Static<typeof TargetSchema>;

/** The body of `POST /chaos/redis-reset`; every member is optional. */
export const RedisResetRequestSchema = Type.Object(
  {
    force: Type.Optional(Type.Boolean({ default: true })),
    drain_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000, default: 5_000 })),
    deadline_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 90_000 })),
    target: Type.Optional(TargetSchema),
    require: Type.Optional(Type.Union([Type.Literal("any"), Type.Literal("complete")])),
    dry_run: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
);

export type RedisResetRequest = Static<typeof RedisResetRequestSchema>;

/** Members that the contract names and this version refuses as not supported. */
export const UNSUPPORTED_RESET_MEMBERS = ["verify", "block_seconds"] as const;
