import type { ServerResponse } from "node:http";

/** Why a client was let go. */
export type DropReason = "reads-too-slowly" | "reads-nothing";

/** One client of the stream. It is sent what fits into its bound, or it is dropped: nothing piles up for it. */
export class EventClient {
  readonly #response: ServerResponse;
  readonly #maxBufferedBytes: number;
  readonly #onDrop: (reason: DropReason, bufferedBytes: number) => void;
  /** What may wait to be read; more than the bound after a snapshot or a replay, until that has been read. */
  #allowedBytes: number;
  #bytesTakenBefore = -1;

  constructor(
    response: ServerResponse,
    options: {
      readonly maxBufferedBytes: number;
      readonly onDrop: (reason: DropReason, bufferedBytes: number) => void;
    },
  ) {
    this.#response = response;
    this.#maxBufferedBytes = options.maxBufferedBytes;
    this.#allowedBytes = options.maxBufferedBytes;
    this.#onDrop = options.onDrop;
    response.on("drain", () => {
      this.#allowedBytes = this.#maxBufferedBytes;
    });
  }

  /** Sends an event or a comment. */
  send(text: string): void {
    if (this.#response.destroyed) {
      return;
    }
    if (this.#response.writableLength > this.#allowedBytes) {
      this.#drop("reads-too-slowly");
      return;
    }
    this.#response.write(text);
  }

  /** Sends what the client has missed, which may be more than the bound. */
  catchUp(text: string): void {
    this.#allowedBytes = this.#maxBufferedBytes + Buffer.byteLength(text);
    this.send(text);
  }

  /** Drops a client that has read nothing of what waits for it since the last look. */
  look(): void {
    const { socket, writableLength } = this.#response;
    // Node counts as written what waits in its buffer.
    const bytesTaken = (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0);
    if (writableLength > 0 && bytesTaken === this.#bytesTakenBefore) {
      this.#drop("reads-nothing");
    }
    this.#bytesTakenBefore = bytesTaken;
  }

  /** Ends the stream; what a client has not read by then it will not get. */
  end(): void {
    if (this.#response.writableLength > 0) {
      this.#response.destroy();
    } else {
      this.#response.end();
    }
  }

  #drop(reason: DropReason): void {
    this.#onDrop(reason, this.#response.writableLength);
    this.#response.destroy();
  }
}
