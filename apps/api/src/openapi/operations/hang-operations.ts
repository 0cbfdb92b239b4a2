import {
  HangAnswerSchema,
  HangRecoveryAnswerSchema,
  HangRequestSchema,
  RequestHangAnswerSchema,
  RequestHangReleasedAnswerSchema,
} from "@fleetquake/contract";
import { Type } from "typebox";
import type { Operation } from "../operation.ts";
import { SAMPLE_COMMAND, SAMPLE_TIME } from "../samples.ts";
import { commandAnswers } from "./command-answers.ts";
import { INJECTION_PROBLEMS, RECOVERY_PROBLEMS } from "./command-problems.ts";

const path = "/chaos/hang";
const tag = "faults";

const started = commandAnswers({
  schema: HangAnswerSchema,
  complete: "Every targeted replica hangs; or this request has hung, and it is over.",
  example: { status: "hang_started", scope: "jobs", duration_seconds: 30, ...SAMPLE_COMMAND },
  accepted: "hang_accepted",
});

const released = commandAnswers({
  schema: HangRecoveryAnswerSchema,
  complete: "Nobody hangs any more; also where nobody did.",
  example: { status: "hang_released", ...SAMPLE_COMMAND, unconfirmed: [] },
  accepted: "hang_recovery_accepted",
});

/** `/chaos/hang`. */
export const HANG_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path,
    id: "startHang",
    summary: "Let a request, job processors or whole processes hang",
    description:
      "scope request: only this request, on this API, 0 seconds means until it is released. jobs (1 to 3600 s) and process (1 to 300 s): in the targeted replicas, answered at once.",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    body: {
      schema: HangRequestSchema,
      isRequired: true,
      examples: {
        request: { summary: "This request, for ten seconds", value: { duration_seconds: 10 } },
        jobs: {
          summary: "The workers' job processors, for half a minute",
          value: { scope: "jobs", duration_seconds: 30, target: { role: "worker" } },
        },
      },
    },
    answers: {
      ...started,
      "200": {
        ...started["200"],
        schema: Type.Union([HangAnswerSchema, RequestHangAnswerSchema]),
        examples: {
          ...started["200"].examples,
          request: {
            summary: "This request has hung",
            value: { status: "hang_completed", duration_seconds: 10, timestamp: SAMPLE_TIME },
          },
        },
      },
    },
    problems: INJECTION_PROBLEMS,
  },
  {
    method: "delete",
    path,
    id: "releaseHang",
    summary: "End every hang",
    tag,
    parameters: ["IdempotencyKey", "Prefer"],
    answers: {
      ...released,
      "200": {
        ...released["200"],
        schema: Type.Union([HangRecoveryAnswerSchema, RequestHangReleasedAnswerSchema]),
      },
    },
    problems: RECOVERY_PROBLEMS,
  },
];
