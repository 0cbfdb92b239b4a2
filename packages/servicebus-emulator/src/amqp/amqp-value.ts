/** A UUID as its 16 bytes in network order. */
export class AmqpUuid {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  toString(): string {
    const hex = this.bytes.toString("hex");
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      hex.slice(12, 16),
      hex.slice(16, 20),
      hex.slice(20),
    ].join("-");
  }
}

/** A described value: performatives, message sections and delivery states are all of this kind. */
export class Described {
  /** The numeric code; symbolic descriptors stay strings. */
  readonly descriptor: number | string;
  readonly value: AmqpValue;

  constructor(descriptor: number | string, value: AmqpValue) {
    this.descriptor = descriptor;
    this.value = value;
  }
}

/**
 * A decoded AMQP value. Symbols become strings, map keys become strings, 64-bit integers become
 * numbers while these are exact and bigints beyond. Payloads are passed on as their raw bytes and
 * never encoded again, so the loss of the exact wire type does no harm.
 */
export type AmqpValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Buffer
  | AmqpUuid
  | Described
  | AmqpMap
  | readonly AmqpValue[];

/** A decoded map, keyed by the text of each key. */
export type AmqpMap = ReadonlyMap<string, AmqpValue>;
