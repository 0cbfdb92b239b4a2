import { unsupportedEntity } from "./entity-error.ts";
import type { RuleFilter } from "./rule.ts";

/**
 * Reads a SQL filter: only the two expressions that stand for "all" and "none", because the SDK has
 * no other way to say so.
 *
 * @throws EntityError for every other expression.
 */
export function sqlFilter(expression: string): RuleFilter {
  switch (expression.replaceAll(/\s/gu, "")) {
    case "1=1":
      return { kind: "true" };
    case "1=0":
      return { kind: "false" };
    default:
      throw unsupportedEntity("A SQL filter other than 1=1 and 1=0");
  }
}
