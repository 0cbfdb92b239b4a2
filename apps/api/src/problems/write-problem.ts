import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Clock } from "@fleetquake/contract";
import { buildProblem } from "./build-problem.ts";
import type { ProblemError } from "./problem-error.ts";

/** How long a client may take to end its side of a connection on which nothing more is answered. */
const LINGERING_IN_MS = 5_000;

export interface WriteProblemOptions {
  readonly clock: Clock;
  /** Absent where the request could not be read. @default a new one */
  readonly requestId?: string;
}

/** Writes a problem onto a bare socket and ends it. */
export function writeProblem(
  problem: ProblemError,
  socket: Duplex,
  { clock, requestId = randomUUID() }: WriteProblemOptions,
): void {
  const { status, headers, body } = buildProblem(problem, {
    url: "",
    requestId,
    nowInMs: clock.nowInMs(),
  });
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${body.title}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `date: ${new Date(clock.nowInMs()).toUTCString()}`,
    `content-length: ${Buffer.byteLength(text)}`,
    "connection: close",
  ];
  endConnection(socket, clock, `${lines.join("\r\n")}\r\n\r\n${text}`);
}

/**
 * Ends a bare socket behind its last bytes.
 *
 * What the client still sends is read away, since closing over unread bytes resets the connection and can take the
 * answer with it (RFC 9112 section 9.6); a client that does not end its side is not waited for longer than 5 s.
 */
export function endConnection(socket: Duplex, clock: Clock, lastBytes = ""): void {
  // Node lets go of such a socket, and an error that nobody listens to ends the process: a client's reset is one.
  socket.on("error", () => socket.destroy());
  socket.resume();
  const lingering = clock.after(LINGERING_IN_MS, () => socket.destroy());
  socket.once("close", () => lingering.cancel());
  if (socket.writable) {
    socket.end(lastBytes);
  }
}
