import { describe, expect, it } from "vitest";
import { problemFaults, type ProblemAnswer } from "./problem-faults.ts";

const refused: ProblemAnswer = {
  status: 429,
  headers: {
    "content-type": "application/problem+json",
    "x-request-id": "r-1",
    "retry-after": "3",
  },
  body: {
    type: "about:blank",
    title: "Too Many Requests",
    status: 429,
    detail: "Wait a little.",
    instance: "/chaos/redis-reset",
    code: "CHAOS_COOLING_DOWN",
    error: "Too Many Requests",
    timestamp: "2026-01-01T00:00:00.000Z",
    request_id: "r-1",
    retry_after_ms: 2_001,
  },
};

/** A member or header that is undefined is missing. */
function faultsWith({
  status = refused.status,
  headers = {},
  body = {},
}: Partial<ProblemAnswer>): readonly string[] {
  return problemFaults({
    status,
    headers: { ...refused.headers, ...headers },
    body: Object.fromEntries(
      Object.entries({ ...refused.body, ...body }).filter(([, value]) => value !== undefined),
    ),
  });
}

describe("problemFaults", () => {
  it("finds nothing wrong with a problem as the contract has it", () => {
    expect(faultsWith({})).toEqual([]);
  });

  it.each([
    ...Object.keys(refused.body).map((name) => ({ body: { [name]: undefined } })),
    ...Object.keys(refused.headers).map((name) => ({ headers: { [name]: undefined } })),
  ])("misses what is missing: %o", (missing) => {
    expect(faultsWith(missing)).not.toEqual([]);
  });

  it.each([
    { status: 409 },
    { body: { code: "NO_SUCH_CODE" } },
    { body: { status: 409 } },
    { body: { title: "Conflict" } },
    { body: { error: "Conflict" } },
    { body: { timestamp: "yesterday" } },
    { body: { request_id: "r-2" } },
    { body: { retry_after_ms: 3_001 } },
    { body: { retry_after_ms: 0 } },
    { body: { surprise: 1 } },
    { body: { errors: [] } },
    { headers: { "retry-after": "2" } },
    { headers: { "content-type": "application/json" } },
    { headers: { allow: "GET" } },
    { headers: { "www-authenticate": "Bearer" } },
  ])("finds what is wrong: %o", (wrong) => {
    expect(faultsWith(wrong)).not.toEqual([]);
  });
});
