import { STATUS_CODES } from "node:http";
import { PROBLEM_CODES, type ProblemDefinition } from "@fleetquake/contract";
import { UNKNOWN_METHOD, type WireAnswer } from "./read-answers.ts";

const PROBLEMS: ReadonlyMap<string, ProblemDefinition> = new Map(Object.entries(PROBLEM_CODES));
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
/** What /health and /readyz say beside a 503, in place of the envelope. */
const PROBE_STATUSES: ReadonlySet<unknown> = new Set(["unhealthy", "not_ready"]);
const RETRY_STATUSES: ReadonlySet<number> = new Set([409, 429, 503]);
/** A place in a program. */
const INTERNALS = /\n\s+at |node_modules|file:\/\/|\.[jt]s:\d+/u;

/** What an answer has that the contract does not allow; empty for a good one. */
export function findViolations(answer: WireAnswer, secrets: readonly string[]): readonly string[] {
  const { status, headers } = answer;
  const text = answer.body.toString();
  const requestIds = headers.get("x-request-id") ?? [];
  const whole = `${[...headers].join("\n")}\n${text}`;
  return [
    ...(status === 500 || status < 200 || status > 599 ? [`the status is ${status}`] : []),
    ...(requestIds.length === 1 ? [] : [`${requestIds.length} X-Request-ID`]),
    ...(requestIds.every((id) => /^[A-Za-z0-9._-]{1,128}$/u.test(id))
      ? []
      : ["a bad X-Request-ID"]),
    ...(secrets.some((secret) => whole.includes(secret)) ? ["it tells a secret"] : []),
    ...(INTERNALS.test(whole) ? ["it tells of internals"] : []),
    ...(RETRY_STATUSES.has(status) && !/^[1-9]\d*$/u.test(headers.get("retry-after")?.[0] ?? "")
      ? ["no Retry-After"]
      : []),
    ...(status === 405 && (headers.get("allow")?.[0] ?? "") === "" ? ["no Allow"] : []),
    ...(status === 401 && !headers.has("www-authenticate") ? ["no WWW-Authenticate"] : []),
    ...(isWithoutBody(answer) ? [] : findInBody(answer, text)),
  ];
}

/** As an answer to HEAD is; to what garbage asked for is not known. */
function isWithoutBody({ method, body }: WireAnswer): boolean {
  return body.length === 0 && (method === "HEAD" || method === UNKNOWN_METHOD);
}

function findInBody(answer: WireAnswer, text: string): readonly string[] {
  const type = answer.headers.get("content-type")?.[0] ?? "";
  const isProblem = type.startsWith("application/problem+json");
  const isJson = isProblem || type.startsWith("application/json");
  const body = isJson ? parse(text) : null;
  if (isJson && body === null) {
    return ["the JSON is none"];
  }
  if (answer.status < 400) {
    return isProblem ? ["a problem that is none"] : [];
  }
  if (answer.status === 503 && body !== null && PROBE_STATUSES.has(body["status"])) {
    return [];
  }
  return isProblem && body !== null ? findInProblem(answer, body) : [`no problem, but ${type}`];
}

function findInProblem(
  { status, headers }: WireAnswer,
  body: Readonly<Record<string, unknown>>,
): readonly string[] {
  const problem = PROBLEMS.get(String(body["code"]));
  if (problem === undefined) {
    return [`the code ${JSON.stringify(body["code"])} is not in the table`];
  }
  const title = STATUS_CODES[status];
  const allowed = new Set([...ENVELOPE, ...problem.members]);
  const retryAfter = Number(headers.get("retry-after")?.[0]);
  const retryAfterInMs = Number(body["retry_after_ms"]);
  const checks: readonly (readonly [boolean, string])[] = [
    [problem.status === status && body["status"] === status, "the code has another status"],
    [
      body["title"] === title && body["error"] === title,
      "title and error are not the reason phrase",
    ],
    [isText(body["detail"]) && isText(body["type"]), "no detail, or no type"],
    [typeof body["instance"] === "string", "no instance"],
    [TIMESTAMP.test(String(body["timestamp"])), "no timestamp"],
    [body["request_id"] === headers.get("x-request-id")?.[0], "another request_id"],
    [
      !RETRY_STATUSES.has(status) || Math.max(1, Math.ceil(retryAfterInMs / 1_000)) === retryAfter,
      "retry_after_ms and Retry-After do not agree",
    ],
    [!("errors" in body) || isErrorList(body["errors"]), "errors is no list of errors"],
  ];
  const foreign = Object.keys(body).filter((name) => !allowed.has(name));
  return [
    ...checks.flatMap(([isRight, what]) => (isRight ? [] : [what])),
    ...foreign.map(
      (name) => `${String(body["code"])} has the member ${name}, which is not in its row`,
    ),
  ];
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

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object has members of whatever type
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
