import { decodeError } from "./amqp-error.ts";
import { type AmqpMap, type AmqpValue, Described } from "./amqp-value.ts";
import { readEmpty, readFixed, readVariable } from "./read-scalar.ts";

/** Deeper nesting than this is not sent by any client; it would only exhaust the stack. */
const maxDepth = 32;

/**
 * Reads AMQP 1.0 values (part 1 of the specification) from a buffer, one after the other.
 *
 * Every size and count is checked against the bytes that are there before anything is allocated:
 * twenty hostile bytes can announce an array of four thousand million nulls.
 */
export class ValueReader {
  readonly buffer: Buffer;
  offset: number;
  readonly #end: number;
  #depth = 0;

  constructor(buffer: Buffer, offset = 0, end: number = buffer.length) {
    this.buffer = buffer;
    this.offset = offset;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.offset;
  }

  /** Reads one value of any type. @throws AmqpError amqp:decode-error on malformed bytes. */
  read(): AmqpValue {
    const code = this.#byte();
    if (code !== 0x00) {
      return this.#readTyped(code);
    }
    return this.#nested(() => new Described(this.#descriptor(), this.read()));
  }

  /** Reads one value and returns its bytes, type code included, without decoding it. */
  readRaw(): Buffer {
    const start = this.offset;
    this.skip();
    return this.buffer.subarray(start, this.offset);
  }

  /** Passes over one value. */
  skip(): void {
    const code = this.#byte();
    if (code === 0x00) {
      this.#nested(() => {
        this.skip();
        this.skip();
      });
      return;
    }
    this.#take(this.#bodySize(code));
  }

  /** Reads the descriptor of a described value and leaves the reader at the value itself. */
  readDescriptor(): number | string {
    if (this.#byte() !== 0x00) {
      throw decodeError("Expected a described value.");
    }
    return this.#descriptor();
  }

  /** Enters a list or map: returns how many values follow, which the caller reads one by one. */
  enterCompound(): number {
    const code = this.#byte();
    if (code === 0x45) {
      return 0;
    }
    if (code === 0xc0 || code === 0xc1) {
      return this.#compoundHeader(1).count;
    }
    if (code === 0xd0 || code === 0xd1) {
      return this.#compoundHeader(4).count;
    }
    throw decodeError(`Expected a list or a map, got type 0x${code.toString(16)}.`);
  }

  #descriptor(): number | string {
    const descriptor = this.read();
    if (typeof descriptor === "number" || typeof descriptor === "string") {
      return descriptor;
    }
    throw decodeError("A descriptor must be an unsigned long or a symbol.");
  }

  #readTyped(code: number): AmqpValue {
    switch (code >>> 4) {
      case 0x4:
        return readEmpty(code);
      case 0xa:
      case 0xb:
        return this.#readVariable(code);
      case 0xc:
      case 0xd:
        return this.#readCompound(code);
      case 0xe:
      case 0xf:
        return this.#readArray(code);
      default:
        return readFixed(code, this.buffer, this.#take(this.#bodySize(code)));
    }
  }

  #readVariable(code: number): AmqpValue {
    const start = this.#take(this.#bodySize(code));
    return readVariable(code, this.buffer.subarray(start, this.offset));
  }

  #readCompound(code: number): AmqpValue {
    const { end, count } = this.#compoundHeader(code >>> 4 === 0xc ? 1 : 4);
    const value = this.#nested(() =>
      code === 0xc1 || code === 0xd1 ? this.#readPairs(count) : this.#readItems(count),
    );
    if (this.offset !== end) {
      throw decodeError("A list or map is not as long as it says.");
    }
    return value;
  }

  #readItems(count: number): AmqpValue[] {
    const items: AmqpValue[] = [];
    for (let index = 0; index < count; index += 1) {
      items.push(this.read());
    }
    return items;
  }

  #readPairs(count: number): AmqpMap {
    if (count % 2 !== 0) {
      throw decodeError("A map must hold pairs.");
    }
    const map = new Map<string, AmqpValue>();
    for (let index = 0; index < count; index += 2) {
      const key = this.read();
      map.set(keyText(key), this.read());
    }
    return map;
  }

  #readArray(code: number): AmqpValue[] {
    const { end, count } = this.#compoundHeader(code >>> 4 === 0xe ? 1 : 4);
    return this.#nested(() => {
      let descriptor: number | string | undefined;
      let itemCode = this.#byte();
      if (itemCode === 0x00) {
        descriptor = this.#descriptor();
        itemCode = this.#byte();
      }
      const items: AmqpValue[] = [];
      for (let index = 0; index < count; index += 1) {
        const item = this.#readTyped(itemCode);
        items.push(descriptor === undefined ? item : new Described(descriptor, item));
      }
      if (this.offset !== end) {
        throw decodeError("An array is not as long as it says.");
      }
      return items;
    });
  }

  /** Reads size and count; an item takes at least one byte, else it needs no array to say so. */
  #compoundHeader(width: 1 | 4): { end: number; count: number } {
    const size = this.#uint(width);
    const end = this.offset + size;
    if (size < width || end > this.#end) {
      throw decodeError("A list, map or array is longer than the frame.");
    }
    const count = this.#uint(width);
    if (count > size) {
      throw decodeError("A list, map or array announces more items than bytes.");
    }
    return { end, count };
  }

  /** The number of bytes after a type code; a variable size is read on the way. */
  #bodySize(code: number): number {
    switch (code >>> 4) {
      case 0x4:
        return 0;
      case 0x5:
        return 1;
      case 0x6:
        return 2;
      case 0x7:
        return 4;
      case 0x8:
        return 8;
      case 0x9:
        return 16;
      case 0xa:
      case 0xc:
      case 0xe:
        return this.#uint(1);
      case 0xb:
      case 0xd:
      case 0xf:
        return this.#uint(4);
      default:
        throw decodeError(`Unknown type 0x${code.toString(16)}.`);
    }
  }

  #uint(width: 1 | 4): number {
    const at = this.#take(width);
    return width === 1 ? this.buffer.readUInt8(at) : this.buffer.readUInt32BE(at);
  }

  #byte(): number {
    return this.buffer.readUInt8(this.#take(1));
  }

  /** Moves on by some bytes and returns where they start. */
  #take(size: number): number {
    const start = this.offset;
    if (start + size > this.#end) {
      throw decodeError("A value is longer than the frame.");
    }
    this.offset = start + size;
    return start;
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw decodeError("Values are nested too deeply.");
    }
    const value = read();
    this.#depth -= 1;
    return value;
  }
}

/** Keys are strings or symbols everywhere in AMQP and Service Bus; others are told apart at least. */
function keyText(key: AmqpValue): string {
  return typeof key === "object"
    ? JSON.stringify(key, (_name, part: unknown) =>
        typeof part === "bigint" ? part.toString() : part,
      )
    : String(key);
}
