import type { Socket } from "node:net";
import { putMethod } from "./put-method.ts";
import { readMethod, type Method } from "./read-method.ts";

/** Takes a look at each chunk on its way out; it must not keep or change it. */
export type WriteListener = (chunk: string | Buffer, encoding: BufferEncoding) => void;

/** A look at a socket's writes that can be ended. */
export interface WriteTap {
  /** Gives the socket its own methods back; harmless when called again. */
  release(): void;
}

/**
 * Shows every chunk that is written to a socket to a listener, until it is released.
 *
 * It sits on `_write` and `_writev`, which a stream implements and through which all bytes go, whether they came by
 * `write`, `end`, `pipe` or corked; `write` itself is replaced by Node when a socket connects.
 */
export function tapWrites(socket: Socket, listener: WriteListener): WriteTap {
  let isLive = true;
  const look = (chunk: unknown, encoding: unknown): void => {
    if (isLive && (typeof chunk === "string" || Buffer.isBuffer(chunk))) {
      listener(chunk, isEncoding(encoding) ? encoding : "utf8");
    }
  };
  const undoWrite = replace(socket, "_write", (write) => {
    return function _write(this: unknown, ...args) {
      look(args[0], args[1]);
      return Reflect.apply(write, this, args);
    };
  });
  const undoWritev = replace(socket, "_writev", (writev) => {
    return function _writev(this: unknown, ...args) {
      for (const entry of Array.isArray(args[0]) ? args[0] : []) {
        look(entry.chunk, entry.encoding);
      }
      return Reflect.apply(writev, this, args);
    };
  });
  return {
    release() {
      isLive = false;
      undoWritev();
      undoWrite();
    },
  };
}

function isEncoding(encoding: unknown): encoding is BufferEncoding {
  // Node says "buffer" for chunks that are Buffers already.
  return typeof encoding === "string" && Buffer.isEncoding(encoding);
}

/** Puts a method of ours upon a stream's own; @returns what puts the former one back. */
function replace(
  socket: Socket,
  name: "_write" | "_writev",
  wrap: (former: Method) => Method,
): () => void {
  const former = readMethod(socket, name);
  return former === undefined ? () => undefined : putMethod(socket, name, wrap(former));
}
