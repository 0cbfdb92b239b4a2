import { Type, type Static } from "typebox";
import { FAULTS } from "./fault-names.ts";

export const FaultSchema = Type.Enum(FAULTS);

/** What a redis-reset does in each replica. */
export const RedisResetParametersSchema = Type.Object(
  {
    /** true: close every connection at once. false: drain, then close. */
    force: Type.Boolean(),
    /** For force=false: how long in-flight commands may take, in milliseconds. */
    drain_timeout_ms: Type.Integer({ minimum: 1, maximum: 60_000 }),
  },
  { additionalProperties: false },
);

export type RedisResetParameters = Static<typeof RedisResetParametersSchema>;
