import {
  RedisBlockAnswerSchema,
  RedisBlockRecoveryAnswerSchema,
  RedisBlockRequestSchema,
} from "@fleetquake/contract";
import type { Operation } from "../operation.ts";
import { SAMPLE_COMMAND } from "../samples.ts";
import { commandAnswers } from "./command-answers.ts";
import { INJECTION_PROBLEMS, RECOVERY_PROBLEMS } from "./command-problems.ts";

const path = "/chaos/redis-block";
const tag = "faults";

/** `/chaos/redis-block`. */
export const REDIS_BLOCK_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path,
    id: "startRedisBlock",
    summary: "Keep new connections to Redis out",
    description:
      "refuse: ECONNREFUSED. drop: no answer until the connect timeout. Established connections live on, as with a rule of the network.",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    body: {
      schema: RedisBlockRequestSchema,
      isRequired: true,
      examples: {
        dropped: {
          summary: "No answer for half a minute",
          value: { mode: "drop", duration_seconds: 30 },
        },
      },
    },
    answers: commandAnswers({
      schema: RedisBlockAnswerSchema,
      complete: "Every targeted replica keeps new connections out.",
      example: {
        status: "redis_block_started",
        mode: "drop",
        duration_seconds: 30,
        scope: "in-process",
        ...SAMPLE_COMMAND,
      },
      accepted: "redis_block_accepted",
    }),
    problems: [...INJECTION_PROBLEMS, "REDIS_NOT_INITIALIZED"],
  },
  {
    method: "delete",
    path,
    id: "stopRedisBlock",
    summary: "Let new connections through again",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    answers: commandAnswers({
      schema: RedisBlockRecoveryAnswerSchema,
      complete: "Nobody keeps connections out any more; also where nobody did.",
      example: {
        status: "redis_block_stopped",
        scope: "in-process",
        ...SAMPLE_COMMAND,
        unconfirmed: [],
      },
      accepted: "redis_block_recovery_accepted",
    }),
    problems: RECOVERY_PROBLEMS,
  },
];
