import type { JsonProblem } from "../json/json-problem.ts";

/** Thrown when the options of a fault are not valid; nothing has been started then. */
export class FaultRefusedError extends Error {
  override readonly name = "FaultRefusedError";
  /** Each member that is wrong, and why. */
  readonly problems: readonly JsonProblem[];

  constructor(fault: string, problems: readonly JsonProblem[]) {
    const reasons = problems.map(({ member, message }) => `${member || "the body"} ${message}`);
    super(`The fault '${fault}' cannot start: ${reasons.join("; ")}.`);
    this.problems = problems;
  }
}
