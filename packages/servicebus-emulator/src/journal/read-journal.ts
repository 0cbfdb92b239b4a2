import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { longestHead, readFileHead } from "./file-head.ts";
import { frameHeadSize, isWhole, markerSize, readFrameHead } from "./frame.ts";

/** How a journal ended. */
export interface JournalEnd {
  /** The size of a last frame that was not written to its end, in bytes; 0 when there was none. */
  readonly tornBytes: number;
}

const searchSize = 1_048_576;

/**
 * Reads the frames of a journal, each as a whole. Only the last one may be torn, because it was being written when
 * the process or the machine ended: nothing in it was acknowledged, so it is left out.
 *
 * @throws Error when the file is no journal, has another version, or is damaged anywhere else.
 */
export function readJournal(path: string, onFrame: (payload: Buffer) => void): JournalEnd {
  const file = openSync(path, "r");
  try {
    return readFrames(new FileBytes(file), onFrame);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The journal '${path}' cannot be used. ${reason}`, { cause: error });
  } finally {
    closeSync(file);
  }
}

function readFrames(bytes: FileBytes, onFrame: (payload: Buffer) => void): JournalEnd {
  const { marker, bytes: head } = readFileHead(bytes.read(0, longestHead));
  let offset = head.length;
  let hasWholeSnapshot = false;
  while (offset < bytes.size) {
    const payload = readFrame(bytes, marker, offset);
    if (payload === undefined) {
      break;
    }
    offset += frameHeadSize + payload.length;
    if (payload.length === 0) {
      hasWholeSnapshot = true;
    } else {
      onFrame(payload);
    }
  }
  const tornBytes = bytes.size - offset;
  if (!hasWholeSnapshot || hasFrameAfter(bytes, marker, offset)) {
    throw new Error(
      `It is damaged at byte ${offset} of ${bytes.size}, and not because it was being written there. Put a copy of it in its place, or move it away to start with nothing.`,
    );
  }
  return { tornBytes };
}

function readFrame(bytes: FileBytes, marker: Buffer, offset: number): Buffer | undefined {
  const head = readFrameHead(marker, bytes.read(offset, frameHeadSize));
  if (head === undefined || offset + frameHeadSize + head.size > bytes.size) {
    return undefined;
  }
  const payload = bytes.read(offset + frameHeadSize, head.size);
  return isWhole(head, payload) ? payload : undefined;
}

/** True when a whole frame follows somewhere after a place where none begins. */
function hasFrameAfter(bytes: FileBytes, marker: Buffer, offset: number): boolean {
  for (let start = offset + 1; start < bytes.size; start += searchSize) {
    const part = bytes.read(start, searchSize + markerSize - 1);
    for (let at = part.indexOf(marker); at >= 0; at = part.indexOf(marker, at + 1)) {
      if (readFrame(bytes, marker, start + at) !== undefined) {
        return true;
      }
    }
  }
  return false;
}

/** The bytes of an open file. */
class FileBytes {
  readonly size: number;
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
    this.size = fstatSync(file).size;
  }

  /** Up to `length` bytes from a place on; fewer at the end. */
  read(position: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.size - position));
    const bytes = Buffer.allocUnsafeSlow(wanted);
    let filled = 0;
    while (filled < wanted) {
      const count = readSync(this.#file, bytes, filled, wanted - filled, position + filled);
      if (count === 0) {
        break;
      }
      filled += count;
    }
    return bytes.subarray(0, filled);
  }
}
