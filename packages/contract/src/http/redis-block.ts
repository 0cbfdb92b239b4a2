import { Type, type Static } from "typebox";
import { LONGEST_FAULT_IN_SECONDS } from "../fault.ts";
import { BLOCK_MODES } from "../fault-names.ts";
import { COMMAND_ANSWER_MEMBERS, UNCONFIRMED_MEMBER } from "./command-answer.ts";
import { TargetSchema } from "./target.ts";

/** The body of `POST /chaos/redis-block`; an object with a duration. */
export const RedisBlockRequestSchema = Type.Object(
  {
    mode: Type.Optional(
      Type.Union([Type.Literal("refuse"), Type.Literal("drop")], { default: "refuse" }),
    ),
    duration_seconds: Type.Integer({ minimum: 1, maximum: LONGEST_FAULT_IN_SECONDS }),
    target: Type.Optional(TargetSchema),
  },
  { additionalProperties: false, $id: "RedisBlockRequest" },
);

export type RedisBlockRequest = Static<typeof RedisBlockRequestSchema>;

const scope = Type.Literal("in-process", {
  description: "A rule of the network would also stop what the agent does not see.",
});

/** The answer to a block. */
export const RedisBlockAnswerSchema = Type.Object(
  {
    status: Type.Enum(["redis_block_started", "redis_block_partially_started"]),
    mode: Type.Enum(BLOCK_MODES),
    duration_seconds: Type.Integer({ minimum: 1 }),
    scope,
    ...COMMAND_ANSWER_MEMBERS,
  },
  { $id: "RedisBlockAnswer" },
);

/** The answer to a block's end. */
export const RedisBlockRecoveryAnswerSchema = Type.Object(
  {
    status: Type.Enum(["redis_block_stopped", "redis_block_partially_stopped"]),
    scope,
    ...COMMAND_ANSWER_MEMBERS,
    ...UNCONFIRMED_MEMBER,
  },
  { $id: "RedisBlockRecoveryAnswer" },
);
