import { validationProblem } from "./validation-problem.ts";

/** @throws {ProblemError} 400 where a body came to a route that takes none; `null` and `{}` say nothing and are fine. */
export function refuseBody(body: unknown): void {
  const saysSomething =
    body !== undefined &&
    body !== null &&
    !(typeof body === "object" && !Array.isArray(body) && Object.keys(body).length === 0);
  if (saysSomething) {
    throw validationProblem("body", [{ path: "", detail: "must be empty: this takes no body" }]);
  }
}
