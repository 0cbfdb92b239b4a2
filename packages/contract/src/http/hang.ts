import { Type, type Static } from "typebox";
import { REPLICA_HANG_SCOPES } from "../fault-names.ts";
import type { Frozen } from "../frozen.ts";
import { TimestampSchema } from "../scalars.ts";
import { COMMAND_ANSWER_MEMBERS, UNCONFIRMED_MEMBER } from "./command-answer.ts";
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
  { additionalProperties: false, $id: "HangRequest" },
);

export type HangRequest = Static<typeof HangRequestSchema>;

/** How a request that hung ended. */
export const RequestHangAnswerSchema = Type.Object(
  {
    status: Type.Enum(["hang_completed", "hang_released"], {
      description: "hang_released: by `DELETE /chaos/hang` or by a halt, before its time was over.",
    }),
    duration_seconds: Type.Integer({ minimum: 0 }),
    timestamp: TimestampSchema,
  },
  { $id: "RequestHangAnswer", description: "How a request that hung ended." },
);

export type RequestHangAnswer = Frozen<Static<typeof RequestHangAnswerSchema>>;

/** The answer to a hang of replicas. */
export const HangAnswerSchema = Type.Object(
  {
    status: Type.Enum(["hang_started", "hang_partially_started"]),
    scope: Type.Enum(REPLICA_HANG_SCOPES),
    duration_seconds: Type.Integer({ minimum: 1 }),
    ...COMMAND_ANSWER_MEMBERS,
  },
  { $id: "HangAnswer" },
);

/** The answer to a hang's release. */
export const HangRecoveryAnswerSchema = Type.Object(
  {
    status: Type.Enum(["hang_released", "hang_partially_released"]),
    ...COMMAND_ANSWER_MEMBERS,
    ...UNCONFIRMED_MEMBER,
  },
  { $id: "HangRecoveryAnswer" },
);

/** The only hang was a request's of this API, and the bus is away: nobody else had to be told. */
export const RequestHangReleasedAnswerSchema = Type.Object(
  { status: Type.Literal("hang_released"), timestamp: TimestampSchema },
  {
    $id: "RequestHangReleasedAnswer",
    description: "The only hang was a request of this API, and the bus is away.",
  },
);
