import { BLOCKING_BY_ARGUMENT, type WrittenCommand } from "./command-kind.ts";

/** The longest command name is `RESTORE-ASKING`; module commands are longer, but decide nothing here. */
const LONGEST_NAME = 64;
/** `XREADGROUP GROUP g c COUNT n BLOCK ms NOACK STREAMS`: everything that decides stands in front. */
const ARGUMENTS_KEPT = 9;
const LONGEST_HEADER = 24;
const CR = 0x0d;
const LF = 0x0a;
const ASTERISK = 0x2a;
const DOLLAR = 0x24;

/**
 * Reads the names of commands out of what a client writes, chunk by chunk
 * (RESP requests: arrays of bulk strings, https://redis.io/docs/latest/develop/reference/protocol-spec/).
 *
 * Values are skipped by their length and never kept. A chunk may end anywhere.
 */
export class CommandReader {
  readonly #onCommand: (command: WrittenCommand) => void;
  #header = "";
  #partsLeft = 0;
  #partsRead = 0;
  /** Bytes of the current value still to come, its CRLF included; 0: a header comes next. */
  #valueLeft = 0;
  #value = "";
  #keepsValue = false;
  #name = "";
  #args: string[] = [];
  #isLost = false;

  constructor(onCommand: (command: WrittenCommand) => void) {
    this.#onCommand = onCommand;
  }

  /** The bytes were no RESP request; whatever follows cannot be read. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether the bytes so far end inside a command. */
  get isInsideCommand(): boolean {
    return this.#partsLeft > 0 || this.#header !== "";
  }

  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#isLost) {
      at = this.#valueLeft > 0 ? this.#takeValue(bytes, at) : this.#takeHeader(bytes, at);
    }
  }

  #takeHeader(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LF, from);
    const until = end === -1 ? bytes.length : end + 1;
    if (this.#header.length + until - from > LONGEST_HEADER) {
      this.#isLost = true;
      return bytes.length;
    }
    this.#header += bytes.toString("latin1", from, until);
    if (end !== -1) {
      this.#readHeader(this.#header);
      this.#header = "";
    }
    return until;
  }

  #readHeader(header: string): void {
    const count = Number.parseInt(header.slice(1), 10);
    const isArray = this.#partsLeft === 0;
    const isWellFormed =
      header.charCodeAt(0) === (isArray ? ASTERISK : DOLLAR) &&
      header.charCodeAt(header.length - 2) === CR &&
      count >= 0;
    if (!isWellFormed) {
      this.#isLost = true;
    } else if (isArray) {
      this.#partsLeft = count;
      this.#partsRead = 0;
      this.#args = [];
    } else {
      this.#valueLeft = count + 2;
      this.#value = "";
      this.#keepsValue = this.#partsRead === 0 || this.#keepsArgument();
    }
  }

  #keepsArgument(): boolean {
    return this.#partsRead <= ARGUMENTS_KEPT && BLOCKING_BY_ARGUMENT.has(this.#name);
  }

  #takeValue(bytes: Buffer, from: number): number {
    const until = Math.min(bytes.length, from + this.#valueLeft);
    if (this.#keepsValue && this.#value.length < LONGEST_NAME) {
      this.#value += bytes.toString("latin1", from, Math.min(until, from + LONGEST_NAME));
    }
    this.#valueLeft -= until - from;
    if (this.#valueLeft === 0) {
      this.#endValue();
    }
    return until;
  }

  #endValue(): void {
    const value = this.#keepsValue ? this.#value.trimEnd().toUpperCase() : "";
    if (this.#partsRead === 0) {
      this.#name = value;
    } else if (this.#keepsValue) {
      this.#args.push(value);
    }
    this.#partsRead += 1;
    this.#partsLeft -= 1;
    if (this.#partsLeft === 0) {
      this.#onCommand({ name: this.#name, args: this.#args });
    }
  }
}
