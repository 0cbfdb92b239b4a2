import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "@fleetquake/contract";
import { buildProblem } from "./build-problem.ts";
import { ProblemError } from "./problem-error.ts";
import { uriTooLong } from "./to-problem-error.ts";

/** What Node tells of bytes that it could not read as HTTP. */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/** Node's own note of the response under way on a socket. */
interface HttpSocket extends Duplex {
  readonly _httpMessage?: Pick<ServerResponse, "headersSent" | "req"> | null;
}

/**
 * Answers bytes that Node's HTTP parser refuses, with the same envelope as everything else.
 *
 * A socket on which another answer is under way is cut instead: the client would take this answer for that one.
 */
export function answerClientError(error: ClientError, socket: HttpSocket, clock: Clock): void {
  if (error.code === "ECONNRESET" || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  writeProblem(problemOf(error), socket, clock);
}

/** Writes a problem onto a bare socket and ends it. */
export function writeProblem(problem: ProblemError, socket: Duplex, clock: Clock): void {
  const { status, headers, body } = buildProblem(problem, {
    url: "",
    requestId: randomUUID(),
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
  socket.end(`${lines.join("\r\n")}\r\n\r\n${text}`);
}

function problemOf(error: ClientError): ProblemError {
  switch (error.code ?? "") {
    case "HPE_HEADER_OVERFLOW":
      return isUnfinishedRequestLine(error.rawPacket)
        ? uriTooLong()
        : new ProblemError(
            "HEADERS_TOO_LARGE",
            "The request line and header fields may have 16 KiB together.",
          );
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new ProblemError("PAYLOAD_TOO_LARGE", "The chunk extensions are too large.");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ProblemError(
        "REQUEST_TIMEOUT",
        "The request did not arrive in time; send it without pauses.",
      );
    default:
      return new ProblemError(
        "MALFORMED_REQUEST",
        `The bytes are not a well-formed HTTP/1.1 request${reasonOf(error)}.`,
      );
  }
}

/** The parser's reason is one of its fixed texts; anything else is not repeated to the caller. */
function reasonOf(error: ClientError): string {
  const isFromParser = error.code?.startsWith("HPE_") === true;
  return isFromParser ? `: ${error.message.replace(/^Parse Error: /, "")}` : "";
}

/** Not even the first line fitted: it is the path that is too long. */
function isUnfinishedRequestLine(packet: unknown): boolean {
  return Buffer.isBuffer(packet) && /^[A-Z]+ \S{8192}/.test(packet.toString("latin1"));
}

function isAnswering(socket: HttpSocket): boolean {
  const message = socket._httpMessage;
  return message !== undefined && message !== null && (message.headersSent || message.req.complete);
}
