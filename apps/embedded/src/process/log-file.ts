import { closeSync, openSync, renameSync, writeSync } from "node:fs";

const LARGEST_IN_BYTES = 16 * 1024 * 1024;

/**
 * The log of one process of the fleet: everything that it printed, in the order in which it came.
 *
 * Written synchronously, so that the last words of a process are on disk when its end is reported. Above 16 MiB the
 * file becomes `<name>.1` and a new one begins: at most 32 MiB for each process, however long the fleet runs.
 */
export class LogFile {
  readonly path: string;
  #descriptor: number | null;
  #bytes = 0;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "w", 0o600);
  }

  /** Appends a line; after `close` nothing. */
  append(line: string): void {
    if (this.#descriptor === null) {
      return;
    }
    if (this.#bytes > LARGEST_IN_BYTES) {
      closeSync(this.#descriptor);
      renameSync(this.path, `${this.path}.1`);
      this.#descriptor = openSync(this.path, "w", 0o600);
      this.#bytes = 0;
    }
    this.#bytes += writeSync(this.#descriptor, `${line}\n`);
  }

  /** Idempotent. */
  close(): void {
    if (this.#descriptor !== null) {
      closeSync(this.#descriptor);
      this.#descriptor = null;
    }
  }
}
