import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import type { Change } from "../entities/change.ts";
import { ChangeEncoder } from "./change-encoder.ts";
import { newFileHead } from "./file-head.ts";
import { encodeFrame } from "./frame.ts";

/** The journal's name in its directory. */
export const journalName = "journal";

/** Under this name the next journal is written, until it is whole and takes the place of the last one. */
export const nextJournalName = "journal.new";

/** A frame of a snapshot ends above this size, in bytes. */
const snapshotFrameSize = 1_048_576;

/** A journal that is being written: a snapshot first, an empty frame that ends it, then what happens. */
export class JournalFile {
  readonly #file: number;
  readonly #head = newFileHead();
  readonly #encoder = new ChangeEncoder();
  #size = 0;

  private constructor(path: string) {
    this.#file = openSync(path, "w", 0o600);
  }

  /**
   * Writes a new journal that begins with these changes, and puts it in the place of the one that is
   * there. Whenever the process ends, one of the two is there, and whole.
   *
   * @throws Error of the file system; the old journal is still there then.
   */
  static replace(directory: string, snapshot: Iterable<Change>): JournalFile {
    const path = join(directory, nextJournalName);
    const file = new JournalFile(path);
    try {
      file.#writeSnapshot(snapshot);
      fsyncSync(file.#file);
      renameSync(path, join(directory, journalName));
    } catch (error) {
      file.close();
      rmSync(path, { force: true });
      throw error;
    }
    return file;
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  encode(change: Change): Buffer {
    return this.#encoder.encode(change);
  }

  /** Writes changes as one frame, and returns when the disk has it. @throws Error of the file system. */
  append(changes: readonly Buffer[]): void {
    this.#write(encodeFrame(this.#head.marker, changes));
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #writeSnapshot(snapshot: Iterable<Change>): void {
    this.#write(this.#head.bytes);
    let changes: Buffer[] = [];
    let size = 0;
    for (const change of snapshot) {
      const bytes = this.encode(change);
      changes.push(bytes);
      size += bytes.length;
      if (size > snapshotFrameSize) {
        this.#write(encodeFrame(this.#head.marker, changes));
        changes = [];
        size = 0;
      }
    }
    if (changes.length > 0) {
      this.#write(encodeFrame(this.#head.marker, changes));
    }
    this.#write(encodeFrame(this.#head.marker, []));
  }

  #write(bytes: Buffer): void {
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(this.#file, bytes, written);
    }
    this.#size += bytes.length;
  }
}

/**
 * Asks the disk to keep a directory's entries: a rename may otherwise be forgotten when the machine
 * loses power. Windows cannot, and needs not.
 *
 * @throws Error of the file system.
 */
export function syncDirectory(directory: string): void {
  if (process.platform === "win32") {
    return;
  }
  const handle = openSync(directory, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
