import { STATUS_CODES } from "node:http";
import { PROBLEM_CODES, type ProblemDefinition } from "../http/problem-codes.ts";

/** An answer that should be a problem, however it came. */
export interface ProblemAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const PROBLEMS: ReadonlyMap<unknown, ProblemDefinition> = new Map(Object.entries(PROBLEM_CODES));
/** Written out anew: a check that read them off the contract could not find a member that is missing there. */
const ENVELOPE = [
  "type",
  "title",
  "status",
  "detail",
  "instance",
  "code",
  "error",
  "timestamp",
  "request_id",
];
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u;
/** Those that tell when to come back. */
const RETRY_STATUSES: ReadonlySet<number> = new Set([409, 429, 503]);

/** What status, headers and members of an answer have that the contract does not allow a problem; empty for a good one. */
export function problemFaults({ status, headers, body }: ProblemAnswer): readonly string[] {
  const row = PROBLEMS.get(body["code"]);
  if (row === undefined) {
    return [`the code ${JSON.stringify(body["code"])} is not in the table`];
  }
  const known = new Set([...ENVELOPE, ...row.members]);
  const title = STATUS_CODES[status];
  const checks: readonly (readonly [boolean, string])[] = [
    [row.status === status && body["status"] === status, `the status is ${status}`],
    [body["title"] === title && body["error"] === title, "title, error: not the reason phrase"],
    [isText(body["type"]), "no type"],
    [isText(body["detail"]) && String(body["detail"]).length > 10, "no detail that helps"],
    [typeof body["instance"] === "string", "no instance"],
    [TIMESTAMP.test(String(body["timestamp"])), "no timestamp"],
    [/^[A-Za-z0-9._-]{1,128}$/u.test(String(body["request_id"])), "no request_id"],
    [body["request_id"] === headers["x-request-id"], "request_id is not X-Request-ID"],
    [
      String(headers["content-type"]).startsWith("application/problem+json"),
      `it comes as ${String(headers["content-type"])}`,
    ],
    [isRetryRight(status, headers["retry-after"], body["retry_after_ms"]), "Retry-After"],
    [(status === 405) === (headers["allow"] !== undefined), "Allow"],
    [(status === 401) === (headers["www-authenticate"] !== undefined), "WWW-Authenticate"],
    [!("errors" in body) || isErrorList(body["errors"]), "errors is no list of errors"],
  ];
  return [
    ...checks.flatMap(([isRight, what]) => (isRight ? [] : [what])),
    ...Object.keys(body)
      .filter((name) => !known.has(name))
      .map((name) => `${String(body["code"])} has the member ${name}, which is not in its row`),
  ];
}

/** The header is the member in seconds, rounded up; there are both or neither. */
function isRetryRight(status: number, header: unknown, inMs: unknown): boolean {
  return RETRY_STATUSES.has(status)
    ? typeof inMs === "number" && inMs > 0 && header === `${Math.ceil(inMs / 1_000)}`
    : header === undefined && inMs === undefined;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isErrorList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (entry: unknown) =>
        typeof entry === "object" &&
        entry !== null &&
        "path" in entry &&
        typeof entry.path === "string" &&
        "detail" in entry &&
        isText(entry.detail),
    )
  );
}
