import { HaltAnswerSchema, HaltReleaseAnswerSchema, HaltRequestSchema } from "@fleetquake/contract";
import { Type } from "typebox";
import type { Operation } from "../operation.ts";
import { SAMPLE_COMMAND } from "../samples.ts";
import { commandAnswers } from "./command-answers.ts";
import { RECOVERY_PROBLEMS } from "./command-problems.ts";

const path = "/chaos/halt";
const tag = "halt";

const body = (reason: string): NonNullable<Operation["body"]> => ({
  schema: Type.Union([HaltRequestSchema, Type.Null()]),
  isRequired: false,
  examples: { why: { summary: "With a reason", value: { reason } } },
});

/** `/chaos/halt`. */
export const HALT_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path,
    id: "haltFleet",
    summary: "End every fault of the fleet, and let none begin",
    description:
      "Published first of all, without lock or cool-down. With the bus down it is 503, holds for this API all the same, and goes out when the bus is back.",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    body: body("real incident"),
    answers: commandAnswers({
      schema: HaltAnswerSchema,
      complete: "Everybody has confirmed.",
      example: { status: "halted", halted: true, ...SAMPLE_COMMAND, unconfirmed: [] },
      accepted: "halt_accepted",
    }),
    problems: RECOVERY_PROBLEMS,
  },
  {
    method: "delete",
    path,
    id: "releaseHalt",
    summary: "Let faults through again",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    body: body("incident is over"),
    answers: commandAnswers({
      schema: HaltReleaseAnswerSchema,
      complete: "Everybody has confirmed.",
      example: { status: "halt_released", halted: false, ...SAMPLE_COMMAND, unconfirmed: [] },
      accepted: "halt_release_accepted",
    }),
    problems: RECOVERY_PROBLEMS,
  },
];
