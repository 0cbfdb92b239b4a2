import { Type, type Static } from "typebox";
import type { Frozen } from "../frozen.ts";
import { TimestampSchema } from "../scalars.ts";

/** `GET /`: what the sample application reads from Redis. */
export const SampleAnswerSchema = Type.Object(
  {
    message: Type.String(),
    redis_data: Type.String({
      description: "The sample's value, or `Redis unavailable` when Redis is disabled.",
    }),
    timestamp: TimestampSchema,
  },
  { $id: "SampleAnswer" },
);

export type SampleAnswer = Frozen<Static<typeof SampleAnswerSchema>>;
