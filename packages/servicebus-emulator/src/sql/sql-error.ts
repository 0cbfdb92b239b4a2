/** Thrown when a text is no filter or action of Service Bus's SQL; says where and why. */
export class SqlSyntaxError extends Error {
  override readonly name = "SqlSyntaxError";
}

/** Thrown when a filter or action is right in itself and cannot be worked out for one message. */
export class SqlEvaluationError extends Error {
  override readonly name = "SqlEvaluationError";
}
