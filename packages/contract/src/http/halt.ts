import { Type, type Static } from "typebox";
import type { Frozen } from "../frozen.ts";
import { IdentifierSchema, TimestampSchema } from "../scalars.ts";
import { COMMAND_ANSWER_MEMBERS, UNCONFIRMED_MEMBER } from "./command-answer.ts";

/** The body of `POST` and `DELETE /chaos/halt`; none is fine: who wants to stop shall not have to write. */
export const HaltRequestSchema = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false, $id: "HaltRequest" },
);

export type HaltRequest = Static<typeof HaltRequestSchema>;

/** The halt that stands, in refusals and in the status. */
export const HaltNoticeSchema = Type.Object(
  {
    command_id: IdentifierSchema,
    halted_by: Type.String(),
    halted_at: TimestampSchema,
    reason: Type.String(),
  },
  { $id: "HaltNotice", description: "The halt that stands." },
);

export type HaltNotice = Frozen<Static<typeof HaltNoticeSchema>>;

/** The answer to a halt. */
export const HaltAnswerSchema = Type.Object(
  {
    status: Type.Enum(["halted", "partially_halted"]),
    halted: Type.Literal(true),
    ...COMMAND_ANSWER_MEMBERS,
    ...UNCONFIRMED_MEMBER,
  },
  { $id: "HaltAnswer" },
);

/** The answer to a halt's release. */
export const HaltReleaseAnswerSchema = Type.Object(
  {
    status: Type.Enum(["halt_released", "halt_partially_released"]),
    halted: Type.Literal(false),
    ...COMMAND_ANSWER_MEMBERS,
    ...UNCONFIRMED_MEMBER,
  },
  { $id: "HaltReleaseAnswer" },
);
