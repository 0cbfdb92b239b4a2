import type { MemberError } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";

/** 400 that names every wrong member in its detail and in `errors`. */
export function validationProblem(what: string, errors: readonly MemberError[]): ProblemError {
  const list = errors.map(({ path, detail }) => (path === "" ? detail : `${path} ${detail}`));
  return new ProblemError("VALIDATION_FAILED", `Wrong ${what}: ${list.join("; ")}.`, { errors });
}
