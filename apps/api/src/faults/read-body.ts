import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/schema";
import type { MemberError } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";
import { findMistakes } from "../validation/find-mistakes.ts";
import type { SchemaNode } from "../validation/schema-node.ts";
import { validationProblem } from "../validation/validation-problem.ts";

export interface BodyReaderOptions<T extends TSchema & SchemaNode> {
  readonly schema: T;
  /** Texts of the original tool for single members, by their JSON pointer. */
  readonly texts?: Readonly<Record<string, string>>;
  /** What the schema cannot say: members that contradict each other. */
  readonly findContradictions?: (body: Static<T>) => readonly MemberError[];
}

/**
 * Makes a reader of one route's bodies.
 * @returns a function that gives the body back, or throws a 400 that names each wrong member.
 */
export function bodyReader<T extends TSchema & SchemaNode>(
  options: BodyReaderOptions<T>,
): (body: unknown) => Static<T> {
  const { schema, texts = {}, findContradictions = () => [] } = options;
  const validator = Compile(schema);
  return (body) => {
    if (!validator.Check(body)) {
      const [, errors] = validator.Errors(body);
      throw problemOf(findMistakes(errors, schema, body), texts);
    }
    const contradictions = findContradictions(body);
    if (contradictions.length > 0) {
      throw problemOf(contradictions, texts);
    }
    return body;
  };
}

/** Where the only mistakes are ones that the original tool knew, the detail is its text. */
function problemOf(
  errors: readonly MemberError[],
  texts: Readonly<Record<string, string>>,
): ProblemError {
  const known = errors.flatMap(({ path }) => texts[path] ?? []);
  return known.length === errors.length && errors.length > 0
    ? new ProblemError("VALIDATION_FAILED", known.join("; "), { errors })
    : validationProblem("body", errors);
}

/** @throws {ProblemError} 400 where a route needs a body and none came. */
export function requireBody(body: unknown): unknown {
  if (body === undefined || body === null) {
    throw new ProblemError(
      "VALIDATION_FAILED",
      "A JSON object is needed as body; {} takes every default where there is one.",
      { errors: [{ path: "", detail: "must be an object, not nothing" }] },
    );
  }
  return body;
}

/** Contradictions within a target. */
export function targetContradictions(
  target: { readonly percent?: number; readonly count?: number } | undefined,
): readonly MemberError[] {
  return target?.percent !== undefined && target.count !== undefined
    ? [{ path: "/target/count", detail: "excludes percent; choose one of the two" }]
    : [];
}
