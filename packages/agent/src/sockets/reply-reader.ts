/** What a top-level reply is; `push` comes without having been asked for. */
export type ReplyType = "value" | "error" | "push";

/** The longest line is that of a simple string or an error; values come with their length. */
const LONGEST_LINE = 4_096;
const LF = 0x0a;

/**
 * Counts the replies in what a Redis server sends, chunk by chunk
 * (RESP2 and RESP3, https://redis.io/docs/latest/develop/reference/protocol-spec/). Values are skipped.
 */
export class ReplyReader {
  readonly #onReply: (type: ReplyType) => void;
  #line = "";
  #valueLeft = 0;
  /** Elements still to come of each aggregate that is open, the innermost last. */
  readonly #open: number[] = [];
  #type: ReplyType = "value";
  #isLost = false;

  constructor(onReply: (type: ReplyType) => void) {
    this.#onReply = onReply;
  }

  /** The bytes were not understood; whatever follows cannot be read. */
  get isLost(): boolean {
    return this.#isLost;
  }

  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#isLost) {
      at = this.#valueLeft > 0 ? this.#skipValue(bytes, at) : this.#takeLine(bytes, at);
    }
  }

  #skipValue(bytes: Buffer, from: number): number {
    const until = Math.min(bytes.length, from + this.#valueLeft);
    this.#valueLeft -= until - from;
    if (this.#valueLeft === 0) {
      this.#endElement();
    }
    return until;
  }

  #takeLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LF, from);
    const until = end === -1 ? bytes.length : end + 1;
    if (this.#line.length + until - from > LONGEST_LINE) {
      this.#isLost = true;
      return bytes.length;
    }
    this.#line += bytes.toString("latin1", from, until);
    if (end !== -1) {
      this.#readLine(this.#line);
      this.#line = "";
    }
    return until;
  }

  #readLine(line: string): void {
    const sign = line.charAt(0);
    if (this.#open.length === 0) {
      this.#type = sign === "-" || sign === "!" ? "error" : sign === ">" ? "push" : "value";
    }
    if ("+-:_#,(".includes(sign)) {
      this.#endElement();
      return;
    }
    const length = Number.parseInt(line.slice(1), 10);
    if (Number.isNaN(length)) {
      this.#isLost = true;
    } else if ("$!=".includes(sign)) {
      this.#startValue(length);
    } else if ("*~>".includes(sign)) {
      this.#startAggregate(length);
    } else if (sign === "%") {
      this.#startAggregate(2 * length);
    } else {
      this.#isLost = true;
    }
  }

  #startValue(length: number): void {
    if (length < 0) {
      this.#endElement();
    } else {
      this.#valueLeft = length + 2;
    }
  }

  #startAggregate(length: number): void {
    if (length <= 0) {
      this.#endElement();
    } else {
      this.#open.push(length);
    }
  }

  #endElement(): void {
    for (let left = this.#open.pop(); left !== undefined; left = this.#open.pop()) {
      if (left > 1) {
        this.#open.push(left - 1);
        return;
      }
    }
    this.#onReply(this.#type);
  }
}
