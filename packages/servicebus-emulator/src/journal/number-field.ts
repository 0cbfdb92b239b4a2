import { decodeError } from "../amqp/amqp-error.ts";
import type { Fields } from "../amqp/fields.ts";

/** A number of any kind. @throws AmqpError when it is absent or no number. */
export function numberField(fields: Fields, index: number): number {
  const value = optionalNumber(fields, index);
  if (value === undefined) {
    throw decodeError(`Mandatory field ${index} is missing.`);
  }
  return value;
}

/** The same where it may be absent. */
export function optionalNumber(fields: Fields, index: number): number | undefined {
  const value = fields[index] ?? null;
  if (value === null) {
    return undefined;
  }
  if (typeof value !== "number") {
    throw decodeError(`Field ${index} must be a number.`);
  }
  return value;
}
