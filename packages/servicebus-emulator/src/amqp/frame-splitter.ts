import { AmqpError } from "./amqp-error.ts";
import { maxFrameSize } from "./frame.ts";

const nothing = Buffer.alloc(0);

/**
 * Cuts a byte stream into protocol headers (8 bytes) and frames. It never holds more than one
 * unfinished frame, whose size it checks as soon as the first four bytes are there.
 */
export class FrameSplitter {
  #rest: Buffer = nothing;

  /** True when nothing unfinished is left. */
  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  /** Adds bytes from the wire. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /** Takes the next 8-byte protocol header, or undefined until it is complete. */
  nextHeader(): Buffer | undefined {
    return this.#rest.length < 8 ? undefined : this.#cut(8);
  }

  /**
   * Takes the next whole frame, or undefined until it is complete.
   *
   * @throws AmqpError amqp:connection:framing-error for a size below 8 or above the limit.
   */
  nextFrame(): Buffer | undefined {
    if (this.#rest.length < 4) {
      return undefined;
    }
    const size = this.#rest.readUInt32BE(0);
    if (size < 8 || size > maxFrameSize) {
      throw new AmqpError("amqp:connection:framing-error", `A frame cannot be ${size} bytes long.`);
    }
    return this.#rest.length < size ? undefined : this.#cut(size);
  }

  #cut(size: number): Buffer {
    const piece = this.#rest.subarray(0, size);
    this.#rest = this.#rest.length === size ? nothing : this.#rest.subarray(size);
    return piece;
  }
}
