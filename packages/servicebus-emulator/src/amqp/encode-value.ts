/**
 * Encoders of AMQP 1.0 values: each returns the bytes of one value, type code included, and the
 * compound ones take the bytes of their items. Control frames and answers are built from them; the
 * frames that are sent for every message have an encoder of their own.
 */

/** The bytes of null, which also stands for an absent field. */
export const nullValue = Buffer.from([0x40]);

export function booleanValue(value: boolean): Buffer {
  return Buffer.from([value ? 0x41 : 0x42]);
}

export function ubyteValue(value: number): Buffer {
  return Buffer.from([0x50, value]);
}

export function ushortValue(value: number): Buffer {
  const bytes = Buffer.from([0x60, 0, 0]);
  bytes.writeUInt16BE(value, 1);
  return bytes;
}

export function uintValue(value: number): Buffer {
  if (value === 0) {
    return Buffer.from([0x43]);
  }
  if (value < 256) {
    return Buffer.from([0x52, value]);
  }
  const bytes = Buffer.from([0x70, 0, 0, 0, 0]);
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

export function intValue(value: number): Buffer {
  const bytes = Buffer.from([0x71, 0, 0, 0, 0]);
  bytes.writeInt32BE(value, 1);
  return bytes;
}

export function ulongValue(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(9, 0x80);
  bytes.writeBigUInt64BE(BigInt(value), 1);
  return bytes;
}

export function longValue(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(9, 0x81);
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

export function doubleValue(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0x82);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** A timestamp: milliseconds since 1970, UTC. */
export function timestampValue(epochMs: number): Buffer {
  const bytes = Buffer.alloc(9, 0x83);
  bytes.writeBigInt64BE(BigInt(Math.trunc(epochMs)), 1);
  return bytes;
}

export function uuidValue(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x98]), bytes]);
}

export function binaryValue(bytes: Buffer): Buffer {
  return variable(0xa0, bytes);
}

export function stringValue(text: string): Buffer {
  return variable(0xa1, Buffer.from(text, "utf8"));
}

export function symbolValue(text: string): Buffer {
  return variable(0xa3, Buffer.from(text, "latin1"));
}

/** A string, or null when there is none. */
export function optionalString(text: string | undefined): Buffer {
  return text === undefined ? nullValue : stringValue(text);
}

export function listValue(items: readonly Buffer[]): Buffer {
  return items.length === 0 ? Buffer.from([0x45]) : compound(0xc0, items);
}

/** A map of alternating keys and values. */
export function mapValue(keysAndValues: readonly Buffer[]): Buffer {
  return compound(0xc1, keysAndValues);
}

/** An array: one type code for all, and the bodies of its items without theirs. */
export function arrayValue(typeCode: number, bodies: readonly Buffer[]): Buffer {
  const size = bodies.reduce((sum, body) => sum + body.length, 0);
  const head = Buffer.alloc(10, 0xf0);
  head.writeUInt32BE(size + 5, 1);
  head.writeUInt32BE(bodies.length, 5);
  head.writeUInt8(typeCode, 9);
  return Buffer.concat([head, ...bodies]);
}

/** An array of symbols, the form of every field with `multiple="true"` that is used here. */
export function symbolArray(symbols: readonly string[]): Buffer {
  return arrayValue(
    0xa3,
    symbols.map((symbol) => symbolValue(symbol).subarray(1)),
  );
}

/** A value with a numeric descriptor; all of AMQP's own are below 256. */
export function describedValue(descriptor: number, value: Buffer): Buffer {
  const code =
    descriptor < 256
      ? Buffer.from([0x00, 0x53, descriptor])
      : Buffer.concat([Buffer.from([0x00]), ulongValue(descriptor)]);
  return Buffer.concat([code, value]);
}

/** Type codes come in pairs: `code` with a size of one byte, `code + 0x10` with four. */
function variable(code: number, body: Buffer): Buffer {
  if (body.length < 256) {
    return Buffer.concat([Buffer.from([code, body.length]), body]);
  }
  const head = Buffer.alloc(5, code + 0x10);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

function compound(code: number, items: readonly Buffer[]): Buffer {
  const size = items.reduce((sum, item) => sum + item.length, 0);
  if (size < 255 && items.length < 256) {
    return Buffer.concat([Buffer.from([code, size + 1, items.length]), ...items]);
  }
  const head = Buffer.alloc(9, code + 0x10);
  head.writeUInt32BE(size + 4, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([head, ...items]);
}
