import { inspect } from "node:util";

const MASK = "***";

/**
 * A text that is looked up whenever it is needed. ioredis turns user and password into texts when it writes AUTH or
 * HELLO, and copies of a client share its options: every connection, also of a duplicate, uses what is newest.
 * Wherever else it is shown it is masked.
 */
export class LiveText {
  readonly #read: () => string;

  constructor(read: () => string) {
    this.#read = read;
  }

  toString(): string {
    return this.#read();
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
