import type { AdminResponse } from "../admin/admin-request.ts";
import type { JsonProblem } from "../json/json-problem.ts";

/** An answer in JSON. */
export function jsonResponse(status: number, value: unknown): AdminResponse {
  return response(status, value, "application/json; charset=utf-8");
}

/** What is known of a refusal. */
export interface ProblemDetails {
  readonly status: number;
  readonly title: string;
  /** What was wrong, and what would be right. */
  readonly detail: string;
  readonly errors?: readonly JsonProblem[];
}

/** A refusal, as a problem of RFC 9457. */
export function problemResponse(
  problem: ProblemDetails,
  headers: Readonly<Record<string, string>> = {},
): AdminResponse {
  const answer = response(problem.status, problem, "application/problem+json; charset=utf-8");
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function response(status: number, value: unknown, type: string): AdminResponse {
  return {
    status,
    body: `${JSON.stringify(value, undefined, 2)}\n`,
    headers: { "content-type": type, "cache-control": "no-store" },
  };
}
