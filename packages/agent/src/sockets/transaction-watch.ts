import type { Socket } from "node:net";
import type { ClientRow } from "../control/redis-control.ts";
import { CommandReader } from "./command-reader.ts";
import { tapWrites, type WriteTap } from "./tap-writes.ts";

/**
 * Knows whether a connection is inside MULTI or WATCH: from what is written since the watch began, and for what was
 * written before from the server's row. Closing in there breaks a transaction in two or silently drops its guard.
 */
export class TransactionWatch {
  readonly #tap: WriteTap;
  readonly #reader = new CommandReader(({ name }) => this.#note(name));
  /** null: nothing was written about it since the watch began. */
  #writtenMulti: boolean | null = null;
  #writtenWatch: boolean | null = null;
  #rowMulti = false;
  #rowWatch = false;

  /** @param onWrite comes after each write, with the state brought up to date. */
  constructor(socket: Socket, onWrite: () => void) {
    this.#tap = tapWrites(socket, (chunk, encoding) => {
      this.#reader.feed(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
      onWrite();
    });
  }

  get isInside(): boolean {
    return (this.#writtenMulti ?? this.#rowMulti) || (this.#writtenWatch ?? this.#rowWatch);
  }

  /** Takes the server's word for what was written before the watch began. */
  readRow(row: ClientRow): void {
    this.#rowMulti = row.multi >= 0;
    this.#rowWatch = (row.watch ?? 0) > 0;
  }

  end(): void {
    this.#tap.release();
  }

  #note(name: string): void {
    switch (name) {
      case "MULTI":
        this.#writtenMulti = true;
        break;
      case "WATCH":
        this.#writtenWatch = true;
        break;
      case "UNWATCH":
        this.#writtenWatch = false;
        break;
      case "EXEC":
      case "DISCARD":
      case "RESET":
        this.#writtenMulti = false;
        this.#writtenWatch = false;
        break;
      default:
        break;
    }
  }
}
