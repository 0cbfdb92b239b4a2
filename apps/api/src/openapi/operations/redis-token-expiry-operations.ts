import {
  RedisTokenExpiryAnswerSchema,
  RedisTokenExpiryRecoveryAnswerSchema,
  RedisTokenExpiryRequestSchema,
} from "@fleetquake/contract";
import type { Operation } from "../operation.ts";
import { SAMPLE_COMMAND } from "../samples.ts";
import { commandAnswers } from "./command-answers.ts";
import { INJECTION_PROBLEMS, RECOVERY_PROBLEMS } from "./command-problems.ts";

const path = "/chaos/redis-token-expiry";
const tag = "faults";

/** `/chaos/redis-token-expiry`. */
export const REDIS_TOKEN_EXPIRY_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path,
    id: "startRedisTokenExpiry",
    summary: "Let authentications at Redis fail as with an expired token",
    description:
      "Connections that stand live on; those that are opened, or authenticate again, meanwhile are refused by Redis. A replica whose connections use no token of Entra ID refuses.",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    body: {
      schema: RedisTokenExpiryRequestSchema,
      isRequired: true,
      examples: {
        halfAMinute: {
          summary: "Expired tokens for half a minute",
          value: { duration_seconds: 30 },
        },
      },
    },
    answers: commandAnswers({
      schema: RedisTokenExpiryAnswerSchema,
      complete: "Every targeted replica authenticates with an expired token.",
      example: {
        status: "redis_token_expiry_started",
        duration_seconds: 30,
        ...SAMPLE_COMMAND,
      },
      accepted: "redis_token_expiry_accepted",
    }),
    problems: [...INJECTION_PROBLEMS, "REDIS_NOT_INITIALIZED"],
  },
  {
    method: "delete",
    path,
    id: "stopRedisTokenExpiry",
    summary: "Use the newest tokens again",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    answers: commandAnswers({
      schema: RedisTokenExpiryRecoveryAnswerSchema,
      complete: "Everybody uses the newest token; also where nobody did otherwise.",
      example: {
        status: "redis_token_expiry_stopped",
        ...SAMPLE_COMMAND,
        unconfirmed: [],
      },
      accepted: "redis_token_expiry_recovery_accepted",
    }),
    problems: RECOVERY_PROBLEMS,
  },
];
