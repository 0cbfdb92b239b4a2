import type { AmqpError } from "../amqp/amqp-error.ts";
import type { Change, ChangeLog } from "../entities/change.ts";
import type { BrokerImage } from "./broker-image.ts";
import { type DataDirectory, openDataDirectory } from "./data-directory.ts";
import { diskRefusal } from "./disk-refusal.ts";
import { imageChanges } from "./image-changes.ts";
import { JournalFile, syncDirectory } from "./journal-file.ts";

/** How a journal is kept. */
export interface JournalOptions {
  readonly directory: string;
  /** A journal above this size, and above twice what it began with, is written anew; in bytes. */
  readonly compactAboveInBytes: number;
  /** Hears what went wrong with the disk, and what was done about it. */
  readonly warn: (text: string) => void;
  /** The disk fails, so no change can be taken; undefined when it no longer does. */
  readonly onRefusal: (refusal: AmqpError | undefined) => void;
}

/**
 * Keeps what a broker holds on a disk: a journal of all changes. Changes gather until `commit`, which
 * writes them as one frame and waits for the disk. All of it happens synchronously, so nothing that a change
 * caused leaves the process before it, and the clients that wait meanwhile share the next commit.
 */
export class Journal implements ChangeLog {
  readonly image: BrokerImage;
  readonly #directory: DataDirectory;
  readonly #options: JournalOptions;
  #file: JournalFile;
  #pending: Buffer[] = [];
  #compactAbove = 0;
  #state: "restoring" | "open" | "failing" | "closed" = "restoring";

  /**
   * Takes a directory, reads the journal in it, and begins a new one that says the same. Changes are
   * ignored until `restored` is called.
   *
   * @throws Error when the directory cannot be used.
   */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#directory = openDataDirectory(options.directory);
    this.image = this.#directory.image;
    try {
      this.#file = this.#newFile();
      this.#compactAbove = this.#boundFor(this.#file);
      this.#syncDirectory();
    } catch (error) {
      this.#directory.release();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The data directory '${options.directory}' cannot be written to. ${reason}`, {
        cause: error,
      });
    }
    const { tornBytes } = this.#directory;
    if (tornBytes > 0) {
      options.warn(
        `The last ${tornBytes} bytes of the journal in '${options.directory}' had not been written to their end, and were dropped: nothing in them was acknowledged.`,
      );
    }
  }

  /** From now on changes are kept. */
  restored(): void {
    this.#state = "open";
  }

  nextEntityId(): number {
    return this.image.nextEntityId();
  }

  note(change: Change): void {
    if (this.#state === "restoring" || this.#state === "closed") {
      return;
    }
    this.image.apply(change);
    // A failing disk gets the image as a whole when it works again.
    if (this.#state === "open") {
      this.#pending.push(this.#file.encode(change));
    }
  }

  /** Writes what has gathered. Returns false when that failed, so that nothing may be said about it. */
  commit(): boolean {
    if (this.#pending.length === 0) {
      return true;
    }
    const changes = this.#pending;
    this.#pending = [];
    try {
      this.#file.append(changes);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (this.#file.size > this.#compactAbove) {
      this.#compact();
    }
    return true;
  }

  /** Tries to write again what a failing disk did not take. */
  retry(): void {
    if (this.#state !== "failing") {
      return;
    }
    try {
      this.#replaceFile();
      this.#syncDirectory();
    } catch (error) {
      this.#options.onRefusal(diskRefusal(error));
      return;
    }
    this.#state = "open";
    this.#options.warn("The journal can be written again, and everything is in it.");
    this.#options.onRefusal(undefined);
  }

  /** Writes what has gathered, and gives the directory free. May be called again. */
  close(): void {
    if (this.#state === "closed") {
      return;
    }
    this.commit();
    this.retry();
    this.#state = "closed";
    this.#file.close();
    this.#directory.release();
  }

  #fail(error: unknown): void {
    this.#state = "failing";
    const refusal = diskRefusal(error);
    this.#options.warn(refusal.message);
    this.#options.onRefusal(refusal);
  }

  #compact(): void {
    try {
      this.#replaceFile();
    } catch (error) {
      // The old journal is whole and goes on, as when there is no room for a shorter one beside it.
      this.#compactAbove = this.#file.size + this.#options.compactAboveInBytes;
      this.#options.warn(`The journal could not be made shorter (${String(error)}).`);
      return;
    }
    try {
      this.#syncDirectory();
    } catch (error) {
      this.#fail(error);
    }
  }

  #replaceFile(): void {
    const last = this.#file;
    this.#file = this.#newFile();
    last.close();
    this.#compactAbove = this.#boundFor(this.#file);
  }

  #newFile(): JournalFile {
    return JournalFile.replace(this.#directory.path, imageChanges(this.image));
  }

  #boundFor(file: JournalFile): number {
    return Math.max(this.#options.compactAboveInBytes, 2 * file.size);
  }

  #syncDirectory(): void {
    syncDirectory(this.#directory.path);
  }
}
