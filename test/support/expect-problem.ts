import type { Problem, ProblemCode } from "@fleetquake/contract";
import { problemFaults } from "@fleetquake/contract/testing";
import { expect } from "vitest";
import type { JsonAnswer } from "./request-json.ts";

/**
 * Holds an answer to the envelope of its problem code: status, media type, each member, the headers that belong to the
 * status, and no member that the code's row does not list.
 * @param path where the request went to, without its query
 */
export function expectProblem(
  answer: JsonAnswer<Problem>,
  code: ProblemCode,
  path: string,
): Problem {
  const { body } = answer;
  expect([body.code, body.detail, body.instance]).toEqual([code, expect.any(String), path]);
  expect(problemFaults(answer)).toEqual([]);
  return body;
}
