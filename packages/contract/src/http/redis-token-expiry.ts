import { Type, type Static } from "typebox";
import { LONGEST_FAULT_IN_SECONDS } from "../fault.ts";
import { COMMAND_ANSWER_MEMBERS, UNCONFIRMED_MEMBER } from "./command-answer.ts";
import { TargetSchema } from "./target.ts";

/** The body of `POST /chaos/redis-token-expiry`; an object with a duration. */
export const RedisTokenExpiryRequestSchema = Type.Object(
  {
    duration_seconds: Type.Integer({ minimum: 1, maximum: LONGEST_FAULT_IN_SECONDS }),
    target: Type.Optional(TargetSchema),
  },
  { additionalProperties: false, $id: "RedisTokenExpiryRequest" },
);

export type RedisTokenExpiryRequest = Static<typeof RedisTokenExpiryRequestSchema>;

/** The answer to an expiry of tokens. */
export const RedisTokenExpiryAnswerSchema = Type.Object(
  {
    status: Type.Enum(["redis_token_expiry_started", "redis_token_expiry_partially_started"]),
    duration_seconds: Type.Integer({ minimum: 1 }),
    ...COMMAND_ANSWER_MEMBERS,
  },
  { $id: "RedisTokenExpiryAnswer" },
);

/** The answer to its end. */
export const RedisTokenExpiryRecoveryAnswerSchema = Type.Object(
  {
    status: Type.Enum(["redis_token_expiry_stopped", "redis_token_expiry_partially_stopped"]),
    ...COMMAND_ANSWER_MEMBERS,
    ...UNCONFIRMED_MEMBER,
  },
  { $id: "RedisTokenExpiryRecoveryAnswer" },
);
