import { Type } from "typebox";
import { LASTING_FAULTS } from "../fault-names.ts";
import { IdentifierSchema } from "../scalars.ts";
import { COMMAND_ANSWER_MEMBERS, UNCONFIRMED_MEMBER } from "./command-answer.ts";

/** The answer to `DELETE /chaos/commands/{id}`. */
export const CancellationAnswerSchema = Type.Object(
  {
    status: Type.Enum(["command_cancelled", "command_partially_cancelled"]),
    cancelled_command_id: IdentifierSchema,
    fault: Type.Enum(LASTING_FAULTS, { description: "What was ended." }),
    ...COMMAND_ANSWER_MEMBERS,
    ...UNCONFIRMED_MEMBER,
  },
  { $id: "CancellationAnswer" },
);
