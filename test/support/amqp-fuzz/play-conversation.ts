import { connect } from "node:net";
import type { MutatedConversation } from "./mutate-conversation.ts";

/** What came of a conversation. */
export interface PlayedConversation {
  /** Who ended it: the broker, or after some patience this side; `deadline`: the broker did not let go then. */
  readonly end: "broker" | "client" | "deadline";
  readonly received: Buffer;
}

/** How long nothing comes before this side ends the connection. */
const PATIENCE_IN_MS = 25;
const DEADLINE_IN_MS = 20_000;

/**
 * Sends a conversation without waiting for answers, collects what comes, and ends the connection once nothing has come
 * for a moment; then waits for the broker to close it, too.
 */
export function playConversation(
  port: number,
  { bytes, cuts }: MutatedConversation,
): Promise<PlayedConversation> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let end: PlayedConversation["end"] = "broker";
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const quiet = setTimeout(() => {
      end = "client";
      socket.end();
    }, PATIENCE_IN_MS);
    const deadline = setTimeout(() => {
      end = "deadline";
      socket.destroy();
    }, DEADLINE_IN_MS);
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      quiet.refresh();
    });
    socket.on("end", () => socket.end());
    // What is written to a broker that has closed is answered by a reset: that closes, too.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(quiet);
      clearTimeout(deadline);
      resolve({ end, received: Buffer.concat(chunks) });
    });
    const edges = [0, ...cuts, bytes.length];
    for (const [index, start] of edges.slice(0, -1).entries()) {
      socket.write(bytes.subarray(start, edges[index + 1]));
    }
  });
}

/** The AMQP conditions and the statuses of `$cbs` and `$management` that an answer names. */
export function conditionsIn(received: Buffer): readonly string[] {
  return received.toString("latin1").match(/(?:amqp|com\.microsoft):[a-z:-]+[a-z]/gu) ?? [];
}
