import {
  HealthAnswerSchema,
  LivenessAnswerSchema,
  ReadinessAnswerSchema,
  SampleAnswerSchema,
} from "@fleetquake/contract";
import type { Operation } from "../operation.ts";
import { SAMPLE_TIME } from "../samples.ts";

const timestamp = SAMPLE_TIME;

/** The sample application and the probes. */
export const PROBE_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/",
    id: "readSample",
    summary: "Read and count in Redis",
    tag: "sample",
    answers: {
      "200": {
        description: "What Redis has; `Redis unavailable` where it is disabled.",
        schema: SampleAnswerSchema,
        examples: {
          read: {
            summary: "From Redis",
            value: {
              message: "Hello from Fleetquake",
              redis_data: "Data created at 2026-11-23T07:02:12.000Z",
              timestamp,
            },
          },
        },
      },
    },
    problems: ["REDIS_OPERATION_FAILED"],
  },
  {
    method: "get",
    path: "/health",
    id: "readHealth",
    summary: "Whether the sample's Redis answers",
    description: "Within a second, also when Redis is black-holed. Disabled Redis is healthy.",
    tag: "probes",
    answers: {
      "200": {
        description: "Healthy.",
        schema: HealthAnswerSchema,
        examples: {
          healthy: {
            summary: "Redis answers",
            value: { status: "healthy", redis: { connected: true, latency_ms: 0.6 }, timestamp },
          },
        },
      },
      "503": {
        description: "Unhealthy.",
        schema: HealthAnswerSchema,
        headers: ["Retry-After"],
        examples: {
          unhealthy: {
            summary: "Redis does not answer",
            value: {
              status: "unhealthy",
              redis: { connected: false, latency_ms: null },
              timestamp,
            },
          },
        },
      },
    },
  },
  {
    method: "get",
    path: "/livez",
    id: "readLiveness",
    summary: "Whether the process is alive",
    tag: "probes",
    answers: {
      "200": {
        description: "Alive, whatever it can reach.",
        schema: LivenessAnswerSchema,
        examples: { alive: { summary: "Alive", value: { status: "alive", timestamp } } },
      },
    },
  },
  {
    method: "get",
    path: "/readyz",
    id: "readReadiness",
    summary: "Whether resets can be complete and the sample works",
    tag: "probes",
    answers: {
      "200": {
        description: "Ready.",
        schema: ReadinessAnswerSchema,
        examples: {
          ready: {
            summary: "Ready",
            value: {
              status: "ready",
              bus: { connected: true },
              roster: "ready",
              redis: { connected: true },
              timestamp,
            },
          },
        },
      },
      "503": {
        description: "Not ready: the body says what is missing.",
        schema: ReadinessAnswerSchema,
        headers: ["Retry-After"],
      },
    },
  },
];
