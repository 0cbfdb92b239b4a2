import { decodeError } from "./amqp-error.ts";
import type { AmqpMap, AmqpValue } from "./amqp-value.ts";

/** The fields of a performative or another described list, by position; missing ones are null. */
export type Fields = readonly AmqpValue[];

const maxUint = 0xffff_ffff;
const emptyMap: AmqpMap = new Map();

/** An unsigned integer. @throws AmqpError when it is absent and has no fallback, or is no number. */
export function uintField(fields: Fields, index: number, fallback?: number): number {
  const value = optionalUint(fields, index) ?? fallback;
  if (value === undefined) {
    throw decodeError(`Mandatory field ${index} is missing.`);
  }
  return value;
}

export function optionalUint(fields: Fields, index: number): number | undefined {
  const value = fields[index] ?? null;
  if (value === null) {
    return undefined;
  }
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > maxUint) {
    throw decodeError(`Field ${index} must be an unsigned integer.`);
  }
  return value;
}

export function optionalText(fields: Fields, index: number): string | undefined {
  const value = fields[index] ?? null;
  if (value === null) {
    return undefined;
  }
  if (typeof value !== "string") {
    throw decodeError(`Field ${index} must be a string or symbol.`);
  }
  return value;
}

export function textField(fields: Fields, index: number): string {
  const value = optionalText(fields, index);
  if (value === undefined) {
    throw decodeError(`Mandatory field ${index} is missing.`);
  }
  return value;
}

export function booleanField(fields: Fields, index: number): boolean {
  const value = fields[index] ?? false;
  if (typeof value !== "boolean") {
    throw decodeError(`Field ${index} must be a boolean.`);
  }
  return value;
}

export function optionalBinary(fields: Fields, index: number): Buffer | undefined {
  const value = fields[index] ?? null;
  if (value === null) {
    return undefined;
  }
  if (!Buffer.isBuffer(value)) {
    throw decodeError(`Field ${index} must be binary.`);
  }
  return value;
}

export function mapField(fields: Fields, index: number): AmqpMap {
  return asMap(fields[index] ?? null);
}

/** A map, or an empty one for anything else: properties nobody needs are not worth a refusal. */
export function asMap(value: AmqpValue): AmqpMap {
  return value instanceof Map ? value : emptyMap;
}
