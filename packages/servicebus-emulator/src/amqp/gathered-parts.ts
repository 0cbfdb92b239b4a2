/**
 * The parts of a message that comes in several transfers, copied into one buffer that grows: a peer may send parts of one
 * byte or of none, and whoever keeps those as they came keeps an object and perhaps a whole read from the socket for each.
 */
export class GatheredParts {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #isTooLarge = false;

  /** Adds a part; once there are more than `maxSize` bytes, all of them are forgotten until `take`. */
  add(part: Buffer, maxSize: number): void {
    if (this.#isTooLarge || this.#length + part.length > maxSize) {
      this.#isTooLarge = true;
      this.#bytes = Buffer.alloc(0);
      return;
    }
    this.#makeRoomFor(part.length);
    part.copy(this.#bytes, this.#length);
    this.#length += part.length;
  }

  /** The whole message, in memory of its own; undefined when it was too large. Then begins anew. */
  take(): Buffer | undefined {
    const whole = this.#isTooLarge ? undefined : this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    this.#isTooLarge = false;
    return whole;
  }

  /** A message in one part, as most are, gets exactly its size; beyond that it doubles. */
  #makeRoomFor(size: number): void {
    const needed = this.#length + size;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
  }
}
