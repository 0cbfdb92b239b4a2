import { randomBytes } from "node:crypto";

import { AmqpUuid } from "../amqp/amqp-value.ts";
import type { ExpressionNode } from "./sql-node.ts";
import { SqlEvaluationError } from "./sql-error.ts";
import type { SqlSubject } from "./sql-subject.ts";
import { calculate, type SqlValue } from "./sql-value.ts";

/** The value of an expression. @throws SqlEvaluationError when it cannot be worked out. */
export function evaluateExpression(node: ExpressionNode, subject: SqlSubject): SqlValue {
  switch (node.kind) {
    case "constant":
      return node.value;
    case "user":
    case "system":
      return subject.value(node);
    case "lookup":
      return lookup(evaluateExpression(node.name, subject), subject);
    case "new-id":
      return new AmqpUuid(randomBytes(16));
    case "negation":
      return calculate("-", 0n, evaluateExpression(node.operand, subject));
    case "arithmetic":
      return calculate(
        node.operator,
        evaluateExpression(node.left, subject),
        evaluateExpression(node.right, subject),
      );
  }
}

function lookup(name: SqlValue, subject: SqlSubject): SqlValue {
  if (typeof name !== "string") {
    throw new SqlEvaluationError("The name of a property must be a text.");
  }
  return subject.value({ kind: "user", name });
}
