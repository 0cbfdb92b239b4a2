import { appendPointer } from "./json-pointer.ts";
import { JsonSyntaxError } from "./json-syntax-error.ts";

/** Deeper than any body of the contract, and shallow enough for the stack. */
const MAX_DEPTH = 32;
const MAX_KEY_LENGTH = 256;

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /[A-Za-z]+/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/**
 * Reads JSON (RFC 8259) and names the member in which it goes wrong.
 *
 * Stricter than `JSON.parse`, since a body decides over a fleet: a repeated name is refused instead of taking the last,
 * `__proto__` is refused, nesting and the length of names are bounded.
 * @throws {JsonSyntaxError} naming the member, the place, and what would be right.
 */
export function parseJson(text: string): unknown {
  const reader = new JsonReader(text);
  const value = reader.readValue("", 0);
  reader.expectEnd();
  return value;
}

class JsonReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readValue(pointer: string, depth: number): unknown {
    this.#take(SPACE);
    switch (this.#text[this.#position] ?? "") {
      case "{":
        return this.#readObject(pointer, depth + 1);
      case "[":
        return this.#readArray(pointer, depth + 1);
      case '"':
        return this.#readString(pointer);
      default:
        return this.#readScalar(pointer);
    }
  }

  expectEnd(): void {
    this.#take(SPACE);
    if (this.#position < this.#text.length) {
      this.#fail("nothing may follow the JSON value", "");
    }
  }

  #readObject(pointer: string, depth: number): Record<string, unknown> {
    this.#enter(pointer, depth);
    const object: Record<string, unknown> = {};
    if (this.#skip("}")) {
      return object;
    }
    do {
      const name = this.#readName(pointer);
      const member = appendPointer(pointer, name);
      if (Object.hasOwn(object, name)) {
        this.#fail(
          `the member ${JSON.stringify(name)} is there twice; it may be there once`,
          member,
        );
      }
      if (name === "__proto__") {
        this.#fail('a member may not be called "__proto__"', member);
      }
      if (!this.#skip(":")) {
        this.#fail(`":" and a value belong after ${JSON.stringify(name)}`, member);
      }
      object[name] = this.readValue(member, depth);
    } while (this.#skip(","));
    if (!this.#skip("}")) {
      this.#fail('"," or "}" belongs here', pointer);
    }
    return object;
  }

  #readArray(pointer: string, depth: number): unknown[] {
    this.#enter(pointer, depth);
    const array: unknown[] = [];
    if (this.#skip("]")) {
      return array;
    }
    do {
      array.push(this.readValue(appendPointer(pointer, array.length), depth));
    } while (this.#skip(","));
    if (!this.#skip("]")) {
      this.#fail('"," or "]" belongs here', pointer);
    }
    return array;
  }

  #readName(pointer: string): string {
    this.#take(SPACE);
    if (this.#text[this.#position] !== '"') {
      this.#fail("the name of a member in double quotes belongs here", pointer);
    }
    const name = this.#readString(pointer);
    if (name.length > MAX_KEY_LENGTH) {
      this.#fail(`a member's name may have at most ${MAX_KEY_LENGTH} characters`, pointer);
    }
    return name;
  }

  #readString(pointer: string): string {
    const startedAt = this.#position;
    try {
      return String(JSON.parse(this.#take(STRING)));
    } catch {
      this.#position = startedAt;
      return this.#fail(
        "a string is not closed, or holds a control character or a wrong escape",
        pointer,
      );
    }
  }

  #readScalar(pointer: string): number | boolean | null {
    const number = this.#take(NUMBER);
    if (number !== "") {
      return Number(number);
    }
    const startedAt = this.#position;
    const word = this.#take(WORD);
    if (Object.hasOwn(WORDS, word)) {
      return WORDS[word] ?? null;
    }
    this.#position = startedAt;
    return this.#fail(
      "a JSON value belongs here: an object, array, string, number, true, false or null",
      pointer,
    );
  }

  #enter(pointer: string, depth: number): void {
    if (depth > MAX_DEPTH) {
      this.#fail(`objects and arrays may be nested ${MAX_DEPTH} deep`, pointer);
    }
    this.#position += 1;
  }

  /** Steps over a sign and the space before it; false when it is not there. */
  #skip(sign: string): boolean {
    this.#take(SPACE);
    const isThere = this.#text[this.#position] === sign;
    this.#position += isThere ? 1 : 0;
    return isThere;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const taken = pattern.exec(this.#text)?.[0] ?? "";
    this.#position += taken.length;
    return taken;
  }

  #fail(message: string, pointer: string): never {
    const before = this.#text.slice(0, this.#position).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new JsonSyntaxError(
      `${message} (line ${before.length}, column ${column}${where(pointer)})`,
      pointer,
    );
  }
}

/** A pointer grows with the nesting: the message names it as long as that helps. */
function where(pointer: string): string {
  return pointer === "" || pointer.length > 200 ? "" : `, in ${pointer}`;
}
