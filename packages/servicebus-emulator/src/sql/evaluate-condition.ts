import { evaluateExpression } from "./evaluate-expression.ts";
import { matchesPattern } from "./matches-pattern.ts";
import type { ComparisonOperator, ConditionNode, ExpressionNode } from "./sql-node.ts";
import type { SqlSubject } from "./sql-subject.ts";
import { compareValues, equalValues, type SqlValue } from "./sql-value.ts";

/** True, false, or undefined for unknown. */
export type Truth = boolean | undefined;

/**
 * Works out a condition in SQL's three values: what compares something unknown is unknown, and a
 * filter lets a message pass only for true.
 *
 * @throws SqlEvaluationError when an expression in it cannot be worked out.
 */
export function evaluateCondition(node: ConditionNode, subject: SqlSubject): Truth {
  switch (node.kind) {
    case "and":
      return both(evaluateCondition(node.left, subject), () =>
        evaluateCondition(node.right, subject),
      );
    case "or":
      return negated(
        both(negated(evaluateCondition(node.left, subject)), () =>
          negated(evaluateCondition(node.right, subject)),
        ),
      );
    case "not":
      return negated(evaluateCondition(node.operand, subject));
    case "is-null":
      return subject.value(node.property) === undefined;
    case "exists":
      return subject.has(node.property);
    case "comparison":
      return compare(
        node.operator,
        evaluateExpression(node.left, subject),
        evaluateExpression(node.right, subject),
      );
    case "in":
      return isIn(evaluateExpression(node.operand, subject), node.options, subject);
    case "like": {
      const text = evaluateExpression(node.operand, subject);
      const pattern = evaluateExpression(node.pattern, subject);
      return typeof text === "string" && typeof pattern === "string"
        ? matchesPattern(text, pattern, node.escape)
        : undefined;
    }
  }
}

function negated(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function both(left: Truth, right: () => Truth): Truth {
  if (left === false) {
    return false;
  }
  const other = right();
  return other === false ? false : left === undefined ? undefined : other;
}

function compare(operator: ComparisonOperator, left: SqlValue, right: SqlValue): Truth {
  if (operator === "=") {
    return equalValues(left, right);
  }
  if (operator === "<>") {
    return negated(equalValues(left, right));
  }
  const difference = compareValues(left, right);
  if (difference === undefined) {
    return undefined;
  }
  switch (operator) {
    case "<":
      return difference < 0;
    case "<=":
      return difference <= 0;
    case ">":
      return difference > 0;
    case ">=":
      return difference >= 0;
  }
}

function isIn(value: SqlValue, options: readonly ExpressionNode[], subject: SqlSubject): Truth {
  let result: Truth = false;
  for (const option of options) {
    const isEqual = equalValues(value, evaluateExpression(option, subject));
    if (isEqual === true) {
      return true;
    }
    if (isEqual === undefined) {
      result = undefined;
    }
  }
  return result;
}
