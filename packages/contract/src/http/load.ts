import { Type, type Static } from "typebox";
import { LONGEST_FAULT_IN_SECONDS } from "../fault.ts";
import { TargetSchema } from "./target.ts";

/** The body of `POST /chaos/load`; an object, every member of it is optional. */
export const LoadRequestSchema = Type.Object(
  {
    level: Type.Optional(
      Type.Union([Type.Literal("low"), Type.Literal("medium"), Type.Literal("high")], {
        default: "low",
      }),
    ),
    duration_seconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: LONGEST_FAULT_IN_SECONDS, default: 60 }),
    ),
    target: Type.Optional(TargetSchema),
    jobs_per_second: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, default: 0 })),
  },
  { additionalProperties: false },
);

export type LoadRequest = Static<typeof LoadRequestSchema>;
