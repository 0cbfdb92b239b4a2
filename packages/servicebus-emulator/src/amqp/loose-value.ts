import { decodeError } from "./amqp-error.ts";
import { AmqpUuid, type AmqpValue } from "./amqp-value.ts";
import {
  binaryValue,
  booleanValue,
  doubleValue,
  intValue,
  longValue,
  nullValue,
  stringValue,
  timestampValue,
  ulongValue,
  uuidValue,
} from "./encode-value.ts";

/**
 * Encodes a decoded simple value again: the properties that a settlement adds to a message. Text
 * stays text and numbers stay numbers, though perhaps of another width.
 *
 * @throws AmqpError for lists, maps and described values, which properties may not be.
 */
export function looseValue(value: AmqpValue): Buffer {
  if (typeof value === "string") {
    return stringValue(value);
  }
  if (typeof value === "boolean") {
    return booleanValue(value);
  }
  if (typeof value === "number") {
    return numberValue(value);
  }
  if (typeof value === "bigint") {
    return wholeValue(value);
  }
  return objectValue(value);
}

/** A whole number of 64 bits, as a long where it is one and else as an unsigned long. */
export function wholeValue(value: bigint): Buffer {
  return BigInt.asIntN(64, value) === value ? longValue(value) : ulongValue(value);
}

/** Whole numbers that are not exact were decoded from a double, and may be beyond all 64 bits. */
function numberValue(value: number): Buffer {
  if (!Number.isSafeInteger(value)) {
    return doubleValue(value);
  }
  return Math.abs(value) < 2 ** 31 ? intValue(value) : longValue(value);
}

function objectValue(value: AmqpValue): Buffer {
  if (value === null) {
    return nullValue;
  }
  if (value instanceof Date) {
    return timestampValue(value.getTime());
  }
  if (Buffer.isBuffer(value)) {
    return binaryValue(value);
  }
  if (value instanceof AmqpUuid) {
    return uuidValue(value.bytes);
  }
  throw decodeError("A property must be a simple value.");
}
