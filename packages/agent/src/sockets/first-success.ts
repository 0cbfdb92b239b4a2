import type { Socket } from "node:net";
import { isApplicationCommand } from "./command-kind.ts";
import { CommandReader } from "./command-reader.ts";
import { putMethod } from "./put-method.ts";
import { readMethod } from "./read-method.ts";
import { ReplyReader, type ReplyType } from "./reply-reader.ts";
import { tapWrites } from "./tap-writes.ts";

/** Beyond this many bytes a connection is no longer read along. */
const BYTES_READ_ALONG = 256 * 1024;

/**
 * Calls back once when an application's command has had its first reply that is no error, on a connection that has
 * not written yet. Commands of the client library's own set-up do not count; replies are told apart by their order.
 *
 * @returns ends it; the socket then has its own methods back.
 */
export function onFirstSuccess(socket: Socket, callback: () => void): () => void {
  const unanswered: string[] = [];
  let bytesLeft = BYTES_READ_ALONG;
  const writer = new CommandReader(({ name }) => unanswered.push(name));
  const reader = new ReplyReader((type) => {
    if (isAnswerToApplication(type, unanswered)) {
      stop();
      callback();
    }
  });
  const tap = tapWrites(socket, (chunk, encoding) => {
    writer.feed(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
  });
  const stopReading = tapReads(socket, (chunk) => {
    reader.feed(chunk);
    bytesLeft -= chunk.length;
    if (bytesLeft <= 0 || reader.isLost || writer.isLost) {
      stop();
    }
  });
  const stop = (): void => {
    tap.release();
    stopReading();
  };
  return stop;
}

function isAnswerToApplication(type: ReplyType, unanswered: string[]): boolean {
  // A subscription is confirmed by a push in RESP3; any other push answers nothing.
  if (type === "push" && unanswered[0]?.endsWith("SUBSCRIBE") !== true) {
    return false;
  }
  const name = unanswered.shift();
  return name !== undefined && isApplicationCommand(name) && type !== "error";
}

/** Node hands everything that a socket receives to its `push`. */
function tapReads(socket: Socket, listener: (chunk: Buffer) => void): () => void {
  const push = readMethod(socket, "push");
  if (push === undefined) {
    return () => undefined;
  }
  let isLive = true;
  const tapped = function (this: unknown, ...args: readonly unknown[]): unknown {
    const chunk = args[0];
    if (isLive && Buffer.isBuffer(chunk)) {
      listener(chunk);
    }
    return Reflect.apply(push, this, args);
  };
  const putBack = putMethod(socket, "push", tapped);
  return () => {
    isLive = false;
    putBack();
  };
}
