import { STATUS_CODES } from "node:http";
import { PROBLEM_CODES, type Problem } from "@fleetquake/contract";
import type { ProblemError } from "./problem-error.ts";
import { RETRY_STATUSES } from "./retry-statuses.ts";

const DEFAULT_RETRY_AFTER_IN_MS = 1_000;

export interface BuildProblemOptions {
  /** The path that was asked for; what follows `?` is left out. */
  readonly url: string;
  readonly requestId: string;
  readonly nowInMs: number;
}

/** An answer that is ready to be written, by Fastify or onto a bare socket. */
export interface BuiltProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** Builds the envelope of RFC 9457 with the original tool's members, and the headers that go with it. */
export function buildProblem(error: ProblemError, options: BuildProblemOptions): BuiltProblem {
  const { status } = PROBLEM_CODES[error.code];
  const title = STATUS_CODES[status] ?? "Error";
  const { members, errors, headers } = error.options;
  const retryAfterInMs = RETRY_STATUSES.has(status)
    ? Math.max(1, Math.ceil(error.options.retryAfterInMs ?? DEFAULT_RETRY_AFTER_IN_MS))
    : null;
  return {
    status,
    headers: {
      "content-type": "application/problem+json; charset=utf-8",
      "cache-control": "no-store",
      "x-request-id": options.requestId,
      ...(retryAfterInMs === null
        ? {}
        : { "retry-after": String(Math.max(1, Math.ceil(retryAfterInMs / 1_000))) }),
      ...headers,
    },
    body: {
      type: "about:blank",
      title,
      status,
      detail: error.message,
      instance: options.url.split("?", 1)[0] ?? "",
      code: error.code,
      error: title,
      timestamp: new Date(options.nowInMs).toISOString(),
      request_id: options.requestId,
      ...(errors === undefined ? {} : { errors }),
      ...(retryAfterInMs === null ? {} : { retry_after_ms: retryAfterInMs }),
      ...members,
    },
  };
}
