import { STATUS_CODES } from "node:http";
import { PROBLEM_CODES, type Problem, type ProblemCode } from "@fleetquake/contract";
import { expect } from "vitest";
import type { JsonAnswer } from "./request-json.ts";

/** Statuses of which the contract says that they tell when to come back. */
const WITH_RETRY: ReadonlySet<number> = new Set([409, 429, 503]);
const ENVELOPE = ["type", "title", "status", "detail", "instance", "code", "error", "timestamp"];

/**
 * Holds an answer to the envelope of its problem code: status, media type, each member, the headers that belong to the
 * status, and no member that the code's row does not list.
 * @param path where the request went to, without its query
 */
export function expectProblem(
  { status, headers, body }: JsonAnswer<Problem>,
  code: ProblemCode,
  path: string,
): Problem {
  const row = PROBLEM_CODES[code];
  expect([status, body.code, body.detail]).toEqual([row.status, code, expect.any(String)]);
  expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
  const phrase = STATUS_CODES[row.status];
  expect(body).toMatchObject({ status: row.status, title: phrase, error: phrase, instance: path });
  expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(body.request_id).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
  expect(headers["x-request-id"]).toBe(body.request_id);
  const known = new Set<string>([...ENVELOPE, "request_id", "errors", ...row.members]);
  expect(Object.keys(body).filter((name) => !known.has(name))).toEqual([]);
  expect([...ENVELOPE, "request_id"].filter((name) => !(name in body))).toEqual([]);
  expectRetry(headers["retry-after"], body["retry_after_ms"], WITH_RETRY.has(row.status));
  expect(headers["allow"] !== undefined).toBe(row.status === 405);
  return body;
}

function expectRetry(header: string | undefined, inMs: unknown, isWanted: boolean): void {
  if (!isWanted) {
    expect([header, inMs]).toEqual([undefined, undefined]);
    return;
  }
  expect(inMs).toBeGreaterThan(0);
  expect(header).toBe(`${Math.max(1, Math.ceil(Number(inMs) / 1_000))}`);
}
