import {
  DryRunAnswerSchema,
  RedisResetAnswerSchema,
  RedisResetRequestSchema,
} from "@fleetquake/contract";
import { Type } from "typebox";
import type { Example, Operation } from "../operation.ts";
import { SAMPLE_COMMAND, SAMPLE_RESET_ROWS, SAMPLE_TALLY, SAMPLE_TIME } from "../samples.ts";
import { commandAnswers } from "./command-answers.ts";
import { INJECTION_PROBLEMS } from "./command-problems.ts";

const done = {
  status: "redis_connections_reset",
  connections_closed: 18,
  skew_ms: 1,
  skew_uncertainty_ms: 2,
  ...SAMPLE_COMMAND,
  replicas: SAMPLE_RESET_ROWS,
};

const tried: Example = {
  summary: "A dry run within the cool-down",
  value: {
    status: "dry_run",
    timestamp: SAMPLE_TIME,
    connections_closed: 0,
    would_close: 18,
    would_be_refused: { code: "CHAOS_COOLING_DOWN", retry_after_ms: 4_958 },
    fleet: { ...SAMPLE_TALLY, acknowledged: 0 },
    replicas: [],
  },
};

const answers = commandAnswers({
  schema: RedisResetAnswerSchema,
  complete: "Every expected replica closed its connections, or it was a dry run.",
  example: done,
  accepted: "redis_reset_accepted",
});

/** `/chaos/redis-reset`. */
export const REDIS_RESET_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/chaos/redis-reset",
    id: "resetRedisConnections",
    summary: "Close the fleet's Redis connections",
    description:
      "Without a body, with `{}` or `null`: every connection of the whole fleet, at once (TCP RST). With `force: false` connections are drained first.",
    tag: "faults",
    parameters: ["IdempotencyKey", "Prefer"],
    body: {
      schema: Type.Union([RedisResetRequestSchema, Type.Null()]),
      isRequired: false,
      examples: {
        everybody: { summary: "The whole fleet, at once", value: {} },
        drained: {
          summary: "Finish what is in flight within two seconds",
          value: { force: false, drain_timeout_ms: 2_000 },
        },
        some: {
          summary: "Half of the workers in one zone, kept out for a minute",
          value: {
            target: { role: "worker", labels: { zone: "1" }, percent: 50 },
            block_seconds: 60,
            reason: "nightly drill",
          },
        },
        tried: { summary: "What would happen", value: { dry_run: true } },
      },
    },
    answers: {
      ...answers,
      "200": {
        ...answers["200"],
        schema: Type.Union([RedisResetAnswerSchema, DryRunAnswerSchema]),
        examples: { ...answers["200"].examples, tried },
      },
    },
    problems: [
      ...INJECTION_PROBLEMS,
      "CHAOS_COOLING_DOWN",
      "REDIS_NOT_INITIALIZED",
      "CHAOS_PARTIAL",
    ],
  },
];
