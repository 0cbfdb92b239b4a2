import { parseAction } from "../sql/parse-action.ts";
import { parseCondition } from "../sql/parse-condition.ts";
import type { SqlParameters } from "../sql/parse-expression.ts";
import { SqlSyntaxError } from "../sql/sql-error.ts";
import { sqlValue } from "../sql/sql-value.ts";
import { invalidEntity } from "./entity-error.ts";
import type { FilterValue, RuleAction, RuleFilter } from "./rule.ts";

/** The values of parameters as a rule has them, by name with or without `@`. */
export type RuleParameters = ReadonlyMap<string, FilterValue>;

const noParameters: RuleParameters = new Map();

/**
 * Reads a SQL filter (learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-filter).
 *
 * @throws EntityError 400 that says what is wrong with the expression.
 */
export function sqlFilter(
  expression: string,
  parameters: RuleParameters = noParameters,
): RuleFilter {
  switch (expression.replaceAll(/\s/gu, "")) {
    case "1=1":
      return { kind: "true" };
    case "1=0":
      return { kind: "false" };
    default: {
      const condition = parsed("filter", () => parseCondition(expression, valuesOf(parameters)));
      return { kind: "sql", expression, parameters, condition };
    }
  }
}

/**
 * Reads a SQL action (learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-rule-action).
 *
 * @throws EntityError 400 that says what is wrong with the expression.
 */
export function sqlAction(
  expression: string,
  parameters: RuleParameters = noParameters,
): RuleAction {
  const statements = parsed("action", () => parseAction(expression, valuesOf(parameters)));
  return { expression, parameters, statements };
}

function valuesOf(parameters: RuleParameters): SqlParameters {
  return new Map(Array.from(parameters, ([name, value]) => [name, sqlValue(value)]));
}

function parsed<Result>(what: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) {
      throw error;
    }
    throw invalidEntity(`The SQL ${what} expression is not valid. ${error.message}`);
  }
}
