import { Type, type Static } from "typebox";
import { TargetSchema } from "./target.ts";

/** The longest span for which one request hangs, in seconds: a day. */
export const LONGEST_REQUEST_HANG_IN_SECONDS = 86_400;

/** The body of `POST /chaos/hang`; an object. What a duration may be depends on the scope. */
export const HangRequestSchema = Type.Object(
  {
    duration_seconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: LONGEST_REQUEST_HANG_IN_SECONDS, default: 0 }),
    ),
    scope: Type.Optional(
      Type.Union([Type.Literal("request"), Type.Literal("jobs"), Type.Literal("process")], {
        default: "request",
      }),
    ),
    target: Type.Optional(TargetSchema),
  },
  { additionalProperties: false },
);

export type HangRequest = Static<typeof HangRequestSchema>;

/** How a request that hung ended. */
export interface RequestHangAnswer {
  /** `hang_released`: by `DELETE /chaos/hang` or by a halt, before its time was over. */
  readonly status: "hang_completed" | "hang_released";
  readonly duration_seconds: number;
  readonly timestamp: string;
}
