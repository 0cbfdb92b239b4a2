import { STATUS_CODES } from "node:http";
import { PROBLEM_CODES, type Problem, type ProblemCode } from "@fleetquake/contract";

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const ENVELOPE: ReadonlySet<string> = new Set([
  "type",
  "title",
  "status",
  "detail",
  "instance",
  "code",
  "error",
  "timestamp",
  "request_id",
]);

/**
 * Reads an answer as the problem of a code.
 * @throws when its status, headers or members are not those that the contract says for this code.
 */
export function readProblem(answer: Answer, code: ProblemCode): Problem {
  const problem: Problem = JSON.parse(answer.body);
  const { status, members } = PROBLEM_CODES[code];
  const allowed: ReadonlySet<string> = new Set(members);
  const retryHeader = answer.headers["retry-after"];
  const retryInMs = problem["retry_after_ms"];
  const hasRetry = [409, 429, 503].includes(status);
  const faults = [
    [problem.code === code, `code ${problem.code}: ${problem.detail}`],
    [answer.statusCode === status && problem.status === status, `status ${answer.statusCode}`],
    [String(answer.headers["content-type"]).startsWith("application/problem+json"), "content-type"],
    [problem.title === STATUS_CODES[status] && problem.error === problem.title, "title, error"],
    [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(problem.timestamp), "timestamp"],
    [problem.request_id === answer.headers["x-request-id"], "request_id"],
    [problem.detail.length > 10, "detail"],
    [hasRetry === (retryHeader !== undefined) && hasRetry === (retryInMs !== undefined), "retry"],
    [!hasRetry || Number(retryHeader) === Math.ceil(Number(retryInMs) / 1_000), "Retry-After"],
    [(status === 405) === (answer.headers["allow"] !== undefined), "Allow"],
    ...Object.keys(problem).map((name) => [ENVELOPE.has(name) || allowed.has(name), name] as const),
  ] as const;
  const wrong = faults.filter(([holds]) => !holds).map(([, what]) => what);
  if (wrong.length > 0) {
    throw new Error(`not a proper ${code}: ${wrong.join(", ")} in ${answer.body}`);
  }
  return problem;
}
