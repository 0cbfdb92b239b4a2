import type { Socket } from "node:net";

import type { Flushable, FlushQueue } from "./flush-queue.ts";
import { emptyFrame } from "./frame.ts";

/** Above this size, joining more costs more than the kernel's gathering write; in bytes. */
const joinLimit = 65_536;
const noBytes = Buffer.alloc(0);

/** Gathers a connection's output during one turn of the event loop and writes it at its end. */
export class CorkedWriter implements Flushable {
  readonly #socket: Socket;
  readonly #queue: FlushQueue;
  readonly #beforeFlush: () => void;
  #pieces: Buffer[] = [];
  #size = 0;
  #isScheduled = false;
  #isScheduledLater = false;
  #owesAnswer = false;
  #lastWriteAt = 0;
  readonly #later: Flushable = {
    flush: (isKept) => {
      this.#isScheduledLater = false;
      this.flush(isKept);
    },
  };

  /** `beforeFlush` may still add what belongs into the same write. */
  constructor(socket: Socket, queue: FlushQueue, beforeFlush: () => void) {
    this.#socket = socket;
    this.#queue = queue;
    this.#beforeFlush = beforeFlush;
  }

  /** When something was last written, on the monotonic clock, in milliseconds. */
  get lastWriteAt(): number {
    return this.#lastWriteAt;
  }

  add(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    this.#schedule();
  }

  /**
   * Says that the peer has sent something. If nothing else is written in this turn, an empty frame
   * is: clients leave Nagle's algorithm on, so their next small write waits for our ACK, which the
   * kernel delays by up to 40 ms unless an answer carries it.
   */
  oweAnswer(): void {
    this.#owesAnswer = true;
    this.#schedule();
  }

  /**
   * The same without hurry, for what is seldom followed by more. In a broadcast each receiver gives
   * new credit when it is done; answering them all while others still wait would cost those others
   * a write and a wake-up each.
   */
  oweAnswerLater(): void {
    this.#owesAnswer = true;
    if (!this.#isScheduled && !this.#isScheduledLater) {
      this.#isScheduledLater = true;
      this.#queue.addLater(this.#later);
    }
  }

  /** Writes all there is before the end of the turn. */
  flushNow(): void {
    this.#queue.flushNow(this);
  }

  /** A client that would hear of what is not kept is cut off instead, and so knows that it does not know. */
  flush(isKept: boolean): void {
    if (!isKept) {
      this.#socket.destroy();
    }
    this.#beforeFlush();
    this.#isScheduled = false;
    if (this.#pieces.length === 0 && this.#owesAnswer) {
      this.#pieces.push(emptyFrame);
    }
    this.#owesAnswer = false;
    const pieces = this.#pieces;
    const size = this.#size;
    this.#pieces = [];
    this.#size = 0;
    if (pieces.length > 0 && this.#socket.writable) {
      this.#lastWriteAt = performance.now();
      this.#write(pieces, size);
    }
  }

  #write(pieces: readonly Buffer[], size: number): void {
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) {
      this.#socket.write(only);
    } else if (size <= joinLimit) {
      this.#socket.write(Buffer.concat(pieces, size));
    } else {
      this.#socket.cork();
      for (const joined of joinSmall(pieces)) {
        this.#socket.write(joined);
      }
      this.#socket.uncork();
    }
  }

  #schedule(): void {
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#queue.add(this);
    }
  }
}

/**
 * Joins neighbours up to the limit: while a peer does not read, each write waits as an object of some hundred bytes,
 * which for thousands of answers of forty bytes would be most of what waits.
 */
function joinSmall(pieces: readonly Buffer[]): readonly Buffer[] {
  const joined: Buffer[] = [];
  let start = 0;
  let size = 0;
  for (const [index, piece] of pieces.entries()) {
    if (size > 0 && size + piece.length > joinLimit) {
      joined.push(joinBetween(pieces, start, index));
      start = index;
      size = 0;
    }
    size += piece.length;
  }
  return [...joined, joinBetween(pieces, start, pieces.length)];
}

function joinBetween(pieces: readonly Buffer[], start: number, end: number): Buffer {
  const [only = noBytes, ...others] = pieces.slice(start, end);
  return others.length === 0 ? only : Buffer.concat([only, ...others]);
}
