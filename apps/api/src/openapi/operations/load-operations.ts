import {
  LoadAnswerSchema,
  LoadRecoveryAnswerSchema,
  LoadRequestSchema,
} from "@fleetquake/contract";
import type { Operation } from "../operation.ts";
import { SAMPLE_COMMAND, SAMPLE_ROWS } from "../samples.ts";
import { commandAnswers } from "./command-answers.ts";
import { INJECTION_PROBLEMS, RECOVERY_PROBLEMS } from "./command-problems.ts";

const path = "/chaos/load";
const tag = "faults";

/** `/chaos/load`. */
export const LOAD_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path,
    id: "startLoad",
    summary: "Burn processor time and hold memory",
    description:
      "low, medium and high are 30, 60 and 90 % of a core and 100, 500 and 1000 MB in each targeted replica. The APIs are left out unless `target` names their role.",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    body: {
      schema: LoadRequestSchema,
      isRequired: true,
      examples: {
        minute: {
          summary: "A minute of medium load",
          value: { level: "medium", duration_seconds: 60 },
        },
      },
    },
    answers: commandAnswers({
      schema: LoadAnswerSchema,
      complete: "Every targeted replica is under load.",
      example: {
        status: "load_started",
        level: "medium",
        duration_seconds: 60,
        ...SAMPLE_COMMAND,
        replicas: [
          { ...SAMPLE_ROWS[0], load: { cpu_cores: 0.6, memory_mb: 500, limited_by: null } },
          { ...SAMPLE_ROWS[1], load: { cpu_cores: 0.5, memory_mb: 500, limited_by: "cpu-quota" } },
        ],
      },
      accepted: "load_accepted",
    }),
    problems: INJECTION_PROBLEMS,
  },
  {
    method: "delete",
    path,
    id: "stopLoad",
    summary: "End the load",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    answers: commandAnswers({
      schema: LoadRecoveryAnswerSchema,
      complete: "Nobody is under load any more; also where nobody was.",
      example: { status: "load_stopped", ...SAMPLE_COMMAND, unconfirmed: [] },
      accepted: "load_recovery_accepted",
    }),
    problems: RECOVERY_PROBLEMS,
  },
];
