import type { Problem, ProblemCode } from "@fleetquake/contract";
import { problemFaults } from "@fleetquake/contract/testing";

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/**
 * Reads an answer as the problem of a code.
 * @throws when its status, headers or members are not those that the contract says for this code.
 */
export function readProblem({ statusCode, headers, body }: Answer, code: ProblemCode): Problem {
  const problem: Problem = JSON.parse(body);
  const faults = [
    ...(problem.code === code ? [] : [`the code is ${problem.code}`]),
    ...problemFaults({ status: statusCode, headers, body: problem }),
  ];
  if (faults.length > 0) {
    throw new Error(`not a proper ${code}: ${faults.join(", ")} in ${body}`);
  }
  return problem;
}
