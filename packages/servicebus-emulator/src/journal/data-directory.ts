import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { BrokerImage } from "./broker-image.ts";
import { ChangeDecoder } from "./change-decoder.ts";
import { isLockName, lockDirectory } from "./directory-lock.ts";
import { journalName, nextJournalName } from "./journal-file.ts";
import { readJournal } from "./read-journal.ts";

/** A directory in which a broker keeps what it holds. */
export interface DataDirectory {
  readonly path: string;
  /** What its journal says; empty when there was none. */
  readonly image: BrokerImage;
  /** The size of a last, torn frame that was left out, in bytes. */
  readonly tornBytes: number;
  /** Gives the directory free for another broker. */
  release(): void;
}

/**
 * Takes a directory, made if it is not there, and reads its journal.
 *
 * @throws Error when it cannot be made or read, belongs to a running broker or to something else, or
 * its journal is damaged or of another version.
 */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const hasJournal = findJournal(path);
    const release = lockDirectory(path);
    try {
      return { path, release, ...readImage(path, hasJournal) };
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The data directory '${path}' cannot be used. ${reason}`, { cause: error });
  }
}

/** Whether a journal is there. A directory without one must be empty, as it may be somebody else's. */
function findJournal(path: string): boolean {
  const names = readdirSync(path);
  if (names.includes(journalName)) {
    return true;
  }
  const foreign = names.find((name) => name !== nextJournalName && !isLockName(name));
  if (foreign !== undefined) {
    throw new Error(
      `It holds '${foreign}' and no journal, so it is no data directory of this broker: name an empty directory, or one that is not there.`,
    );
  }
  return false;
}

function readImage(path: string, hasJournal: boolean): Pick<DataDirectory, "image" | "tornBytes"> {
  const image = new BrokerImage();
  if (!hasJournal) {
    return { image, tornBytes: 0 };
  }
  const decoder = new ChangeDecoder();
  const { tornBytes } = readJournal(join(path, journalName), (payload) => {
    for (const change of decoder.decodeAll(payload)) {
      image.apply(change);
    }
  });
  return { image, tornBytes };
}
