import { connect, type Socket } from "node:net";
import type { FuzzCase } from "./fuzz-case.ts";
import { isLastAnswer, readAnswers, type ReadAnswers } from "./read-answers.ts";

/** What came of one case. */
export interface Exchange extends ReadAnswers {
  /** How the connection ended; `deadline`: it did not. */
  readonly end: "answered" | "closed" | "left" | "deadline";
  readonly received: Buffer;
}

/** Beyond what any command may take, if it is asked for what the generator asks for. */
const DEADLINE_IN_MS = 30_000;
/** How long a client that sent half a request waits before it ends its side. */
const PATIENCE_IN_MS = 60;

/**
 * Sends a case over a connection of its own, and reads until all answers are there. Where it is not sure how many there
 * have to be, it ends its side after a while, and reads until the API ends the other.
 */
export function exchange(port: number, fuzzed: FuzzCase): Promise<Exchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const timers: NodeJS.Timeout[] = [];
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const finish = (end: Exchange["end"]): void => {
      timers.forEach((timer) => clearTimeout(timer));
      socket.destroy();
      const received = Buffer.concat(chunks);
      resolve({ end, received, ...readAnswers(received, fuzzed.methods, end === "closed") });
    };
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      const read = readAnswers(Buffer.concat(chunks), fuzzed.methods, false);
      const last = read.answers.at(-1);
      const isOver = last !== undefined && isLastAnswer(last);
      if (fuzzed.mustBeAnswered && (isOver || read.answers.length >= fuzzed.methods.length)) {
        finish("answered");
      }
    });
    // A reset closes, too; what had been received by then counts. Who still writes to an API that has closed, as it may
    // after an answer that said so, is cut off by its own kernel before it has read that answer.
    socket.on("error", (error) => {
      if ("code" in error && error.code === "EPIPE") {
        finish("left");
      }
    });
    socket.on("close", () => finish("closed"));
    timers.push(setTimeout(() => finish("deadline"), DEADLINE_IN_MS));
    const afterwards = (): void => {
      if (fuzzed.leavesAfterInMs !== null) {
        timers.push(setTimeout(() => leave(socket, finish), fuzzed.leavesAfterInMs));
      } else if (!fuzzed.mustBeAnswered) {
        timers.push(setTimeout(() => socket.end(), PATIENCE_IN_MS));
      }
    };
    void writeInPieces(socket, fuzzed).then(afterwards);
  });
}

function leave(socket: Socket, finish: (end: "left") => void): void {
  socket.resetAndDestroy();
  finish("left");
}

async function writeInPieces(socket: Socket, { bytes, cuts }: FuzzCase): Promise<void> {
  const edges = [0, ...cuts, bytes.length];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    if (index > 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    if (socket.writable) {
      socket.write(bytes.subarray(start, edges[index + 1]));
    }
  }
}
