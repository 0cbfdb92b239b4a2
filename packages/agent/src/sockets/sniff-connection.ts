import type { Socket } from "node:net";
import type { ConnectionKind } from "@fleetquake/contract";
import { isApplicationCommand, kindOfCommand, type WrittenCommand } from "./command-kind.ts";
import { CommandReader } from "./command-reader.ts";
import { tapWrites, type WriteTap } from "./tap-writes.ts";

/**
 * How far into a connection its writes are looked at. Client libraries show what a connection is for in its first
 * commands; after that the socket has its own methods back and costs nothing.
 */
const WRITES_LOOKED_AT = 32;
const BYTES_LOOKED_AT = 32 * 1024;

/** `*<parts>\r\n$<length>`; a first chunk may also end within it. */
const REQUEST_START = /^\*(?:\d{1,7}(?:\r(?:\n(?:\$.*)?)?)?)?$/su;
const PREFIX_LENGTH = 12;

/** What is learnt of a connection from what is written to it. */
export interface SniffListener {
  /** The first chunk told whether the connection speaks Redis; false ends the sniffing. */
  onProtocol(isRedis: boolean): void;
  onKind(kind: ConnectionKind): void;
  /** A command that is not part of the client library's set-up; only while the sniffing lasts. */
  onApplicationCommand(name: string): void;
}

/** Looks at the first writes of a connection; ends by itself, or by `release`. */
export function sniffConnection(socket: Socket, listener: SniffListener): WriteTap {
  const sniffer = new Sniffer(listener);
  const tap = tapWrites(socket, (chunk, encoding) => {
    sniffer.take(chunk, encoding);
    if (sniffer.isDone) {
      tap.release();
    }
  });
  return tap;
}

/** Whether a first chunk begins like a RESP request. More than one byte is asked for: others send a 0x2a too. */
export function startsLikeRedis(chunk: string | Buffer): boolean {
  const prefix = chunk.slice(0, PREFIX_LENGTH);
  return REQUEST_START.test(typeof prefix === "string" ? prefix : prefix.toString("latin1"));
}

class Sniffer {
  readonly #listener: SniffListener;
  readonly #reader: CommandReader;
  #writesLeft = WRITES_LOOKED_AT;
  #bytesLeft = BYTES_LOOKED_AT;
  #hasProtocol = false;
  #kind: ConnectionKind = "unknown";
  #isDone = false;

  constructor(listener: SniffListener) {
    this.#listener = listener;
    this.#reader = new CommandReader((command) => this.#note(command));
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  take(chunk: string | Buffer, encoding: BufferEncoding): void {
    if (chunk.length === 0 || this.#isDone) {
      return;
    }
    if (!this.#hasProtocol) {
      this.#hasProtocol = true;
      const isRedis = startsLikeRedis(chunk);
      this.#listener.onProtocol(isRedis);
      this.#isDone = !isRedis;
    }
    if (!this.#isDone) {
      this.#read(chunk, encoding);
    }
  }

  #read(chunk: string | Buffer, encoding: BufferEncoding): void {
    const part = chunk.slice(0, this.#bytesLeft);
    this.#reader.feed(typeof part === "string" ? Buffer.from(part, encoding) : part);
    this.#writesLeft -= 1;
    this.#bytesLeft -= part.length;
    this.#isDone ||= this.#writesLeft === 0 || this.#bytesLeft <= 0 || this.#reader.isLost;
  }

  #note(command: WrittenCommand): void {
    if (isApplicationCommand(command.name)) {
      this.#listener.onApplicationCommand(command.name);
    }
    const kind = kindOfCommand(command);
    if (kind === null || kind === this.#kind) {
      return;
    }
    // A worker's blocking connection also runs scripts: what blocks or subscribes decides, whenever it comes.
    if (this.#kind === "unknown" || this.#kind === "command") {
      this.#kind = kind;
      this.#listener.onKind(kind);
    }
    this.#isDone = this.#kind !== "command";
  }
}
