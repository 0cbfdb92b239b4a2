import { Type, type Static } from "typebox";
import { LONGEST_FAULT_IN_SECONDS } from "../fault.ts";
import { LOAD_LEVELS } from "../fault-names.ts";
import { COMMAND_ANSWER_MEMBERS, UNCONFIRMED_MEMBER } from "./command-answer.ts";
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
  { additionalProperties: false, $id: "LoadRequest" },
);

export type LoadRequest = Static<typeof LoadRequestSchema>;

/** The answer to a load. */
export const LoadAnswerSchema = Type.Object(
  {
    status: Type.Enum(["load_started", "load_partially_started"]),
    level: Type.Enum(LOAD_LEVELS),
    duration_seconds: Type.Integer({ minimum: 1 }),
    ...COMMAND_ANSWER_MEMBERS,
  },
  { $id: "LoadAnswer" },
);

/** The answer to a load's end. */
export const LoadRecoveryAnswerSchema = Type.Object(
  {
    status: Type.Enum(["load_stopped", "load_partially_stopped"]),
    ...COMMAND_ANSWER_MEMBERS,
    ...UNCONFIRMED_MEMBER,
  },
  { $id: "LoadRecoveryAnswer" },
);
