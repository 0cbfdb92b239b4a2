import { decodeError } from "./amqp-error.ts";
import { AmqpUuid, type AmqpValue } from "./amqp-value.ts";

/** The value of a type without a body: null, the booleans, the zeros and the empty list. */
export function readEmpty(code: number): AmqpValue {
  switch (code) {
    case 0x40:
      return null;
    case 0x41:
      return true;
    case 0x42:
      return false;
    case 0x43:
    case 0x44:
      return 0;
    case 0x45:
      return [];
    default:
      throw unknownType(code);
  }
}

/** The value of a fixed-width type whose body starts at `at`; the caller has checked its length. */
export function readFixed(code: number, buffer: Buffer, at: number): AmqpValue {
  switch (code) {
    case 0x50:
    case 0x52:
    case 0x53:
      return buffer.readUInt8(at);
    case 0x51:
    case 0x54:
    case 0x55:
      return buffer.readInt8(at);
    case 0x56:
      return buffer.readUInt8(at) !== 0;
    case 0x60:
      return buffer.readUInt16BE(at);
    case 0x61:
      return buffer.readInt16BE(at);
    case 0x70:
    case 0x73:
      return buffer.readUInt32BE(at);
    case 0x71:
      return buffer.readInt32BE(at);
    default:
      return readWide(code, buffer, at);
  }
}

/** The rarer types: 64 bits and more, and those that are not whole numbers. */
function readWide(code: number, buffer: Buffer, at: number): AmqpValue {
  switch (code) {
    case 0x72:
      return buffer.readFloatBE(at);
    case 0x80:
      return exactNumber(buffer.readBigUInt64BE(at));
    case 0x81:
      return exactNumber(buffer.readBigInt64BE(at));
    case 0x82:
      return buffer.readDoubleBE(at);
    case 0x83:
      return moment(Number(buffer.readBigInt64BE(at)));
    case 0x74:
      return buffer.subarray(at, at + 4);
    case 0x84:
      return buffer.subarray(at, at + 8);
    case 0x94:
      return buffer.subarray(at, at + 16);
    case 0x98:
      return new AmqpUuid(buffer.subarray(at, at + 16));
    default:
      throw unknownType(code);
  }
}

/** The value of a binary, string or symbol with these bytes. */
export function readVariable(code: number, bytes: Buffer): AmqpValue {
  switch (code) {
    case 0xa0:
    case 0xb0:
      return bytes;
    case 0xa1:
    case 0xb1:
      return bytes.toString("utf8");
    case 0xa3:
    case 0xb3:
      return bytes.toString("latin1");
    default:
      throw unknownType(code);
  }
}

/** The last moment that a Date can tell, in milliseconds before and after 1970 (ECMA-262, Time Values). */
const longestTimeInMs = 8.64e15;

/** A moment beyond that becomes the last one: an invalid Date would break whoever computes with it. */
function moment(epochMs: number): Date {
  return new Date(Math.min(Math.max(epochMs, -longestTimeInMs), longestTimeInMs));
}

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function unknownType(code: number): Error {
  return decodeError(`Unknown type 0x${code.toString(16)}.`);
}
