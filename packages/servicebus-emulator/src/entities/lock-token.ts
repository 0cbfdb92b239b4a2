import { randomFillSync } from "node:crypto";

const tokenSize = 16;
const poolSize = 256 * tokenSize;

/**
 * Makes random 16-byte lock tokens, which are also delivery tags. One call to the generator serves
 * 256 of them.
 */
export class LockTokenSource {
  #pool = Buffer.alloc(0);

  next(): Buffer {
    if (this.#pool.length === 0) {
      this.#pool = randomFillSync(Buffer.alloc(poolSize));
    }
    const token = this.#pool.subarray(0, tokenSize);
    this.#pool = this.#pool.subarray(tokenSize);
    return token;
  }
}

/** The form of a token that serves as key of a map. */
export function lockTokenKey(token: Buffer): string {
  return token.toString("latin1");
}

/**
 * Turns a lock token as a client names it in a request (the text of a .NET GUID, whose first three
 * groups are little-endian) into the bytes of the delivery tag, and back.
 */
export function reorderLockToken(token: Buffer): Buffer {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Buffer.from(order.map((index) => token[index] ?? 0));
}
