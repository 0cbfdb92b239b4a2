import { AmqpUuid, type AmqpValue } from "../amqp/amqp-value.ts";
import { SqlEvaluationError } from "./sql-error.ts";

/**
 * A value in a filter or action: whole numbers are bigints, others numbers; undefined is SQL's
 * unknown, which is what an absent property is.
 */
export type SqlValue = string | number | bigint | boolean | Date | AmqpUuid | undefined;

/** The operators of arithmetic; `+` also joins texts. */
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** A property of a message as a value of SQL; what SQL cannot compare, such as bytes, is unknown. */
export function sqlValue(value: AmqpValue | undefined): SqlValue {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (
    typeof value === "string" ||
    typeof value === "bigint" ||
    typeof value === "boolean" ||
    value instanceof Date ||
    value instanceof AmqpUuid
  ) {
    return value;
  }
  return undefined;
}

/**
 * Orders two values: below zero, zero or above it; undefined when one is unknown or they are of
 * kinds that cannot be compared.
 */
export function compareValues(left: SqlValue, right: SqlValue): number | undefined {
  if (isNumeric(left) && isNumeric(right)) {
    return order(left, right);
  }
  if (typeof left === "string" && typeof right === "string") {
    return order(left, right);
  }
  if (left instanceof Date && right instanceof Date) {
    return order(left.getTime(), right.getTime());
  }
  return undefined;
}

/** Whether two values are the same; undefined as in `compareValues`. */
export function equalValues(left: SqlValue, right: SqlValue): boolean | undefined {
  if (typeof left === "boolean" && typeof right === "boolean") {
    return left === right;
  }
  if (left instanceof AmqpUuid && right instanceof AmqpUuid) {
    return left.bytes.equals(right.bytes);
  }
  const difference = compareValues(left, right);
  return difference === undefined ? undefined : difference === 0;
}

/**
 * Works out one operation. Whole numbers give whole numbers, so `5 / 2` is 2.
 *
 * @throws SqlEvaluationError for values that are no numbers, a division by zero, and an overflow.
 */
export function calculate(operator: ArithmeticOperator, left: SqlValue, right: SqlValue): SqlValue {
  if (left === undefined || right === undefined) {
    return undefined;
  }
  if (operator === "+" && typeof left === "string" && typeof right === "string") {
    return left + right;
  }
  if (!isNumeric(left) || !isNumeric(right)) {
    throw new SqlEvaluationError(`The operator ${operator} needs numbers.`);
  }
  return typeof left === "bigint" && typeof right === "bigint"
    ? calculateWhole(operator, left, right)
    : calculateReal(operator, Number(left), Number(right));
}

function calculateWhole(operator: ArithmeticOperator, left: bigint, right: bigint): bigint {
  if ((operator === "/" || operator === "%") && right === 0n) {
    throw new SqlEvaluationError("A division by zero.");
  }
  const result = wholeResult(operator, left, right);
  if (BigInt.asIntN(64, result) !== result) {
    throw new SqlEvaluationError("A whole number is beyond 64 bits.");
  }
  return result;
}

function wholeResult(operator: ArithmeticOperator, left: bigint, right: bigint): bigint {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
  }
}

function calculateReal(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
  }
}

function isNumeric(value: SqlValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function order<Value extends number | bigint | string>(
  left: Value,
  right: Value,
): number | undefined {
  if (left < right) {
    return -1;
  }
  if (left > right) {
    return 1;
  }
  // Not so for NaN, which no number equals.
  return left >= right ? 0 : undefined;
}
