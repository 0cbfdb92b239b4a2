import { Type, type Static } from "typebox";
import { LONGEST_FAULT_IN_SECONDS } from "../fault.ts";
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
  { additionalProperties: false },
);

export type RedisBlockRequest = Static<typeof RedisBlockRequestSchema>;
