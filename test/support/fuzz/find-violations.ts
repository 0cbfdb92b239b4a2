import { problemFaults } from "@fleetquake/contract/testing";
import { isRecord } from "../is-record.ts";
import { UNKNOWN_METHOD, type WireAnswer } from "./read-answers.ts";

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
  const first = Object.fromEntries([...headers].map(([name, values]) => [name, values[0]]));
  return problemFaults({ status, headers: first, body });
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
