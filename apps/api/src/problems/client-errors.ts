import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "@fleetquake/contract";
import { ProblemError } from "./problem-error.ts";
import { uriTooLong } from "./to-problem-error.ts";
import { endConnection, writeProblem } from "./write-problem.ts";

/** What Node tells of bytes that it could not read as HTTP. */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/** Node's own note of the response under way on a socket; requests behind each other are answered one by one. */
interface HttpSocket extends Duplex {
  readonly _httpMessage?: Pick<ServerResponse, "headersSent" | "once" | "req"> | null;
}

/** Answers bytes that Node's HTTP parser refuses, with the same envelope as everything else. */
export class ClientErrors {
  readonly #clock: Clock;
  /** Each further packet of a connection that is refused is one more error. */
  readonly #refused = new WeakSet<Duplex>();
  /** Of each connection the response to the request that came last. */
  readonly #latest = new WeakMap<Duplex, ServerResponse>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers what comes to a server, to tell what has its answer already. */
  watch(server: Server): void {
    server.on("request", (request, response) => {
      this.#latest.set(request.socket, response);
    });
  }

  /**
   * What came before on the same connection is answered first: the client counts its answers. A client that ends its
   * side has gone, as it has for Node, and is not answered any more.
   */
  answer(error: ClientError, socket: HttpSocket): void {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    if (!this.#refused.has(socket)) {
      this.#refused.add(socket);
      socket.once("end", () => endConnection(socket, this.#clock));
      this.#answerInTurn(problemOf(error), socket);
    }
  }

  #answerInTurn(problem: ProblemError, socket: HttpSocket): void {
    const message = socket._httpMessage;
    if (isOfEarlierRequest(message) && socket.readableEnded) {
      endConnection(socket, this.#clock);
    } else if (isOfEarlierRequest(message)) {
      // Node has taken up the next response by then, and ends a connection that is not kept alive.
      message.once("finish", () => this.#answerInTurn(problem, socket));
    } else if (hasItsAnswer(this.#latest.get(socket))) {
      endConnection(socket, this.#clock);
    } else if (socket.writable) {
      writeProblem(problem, socket, { clock: this.#clock });
    }
  }
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

/** The request that is refused has not arrived as a whole, and nothing of an answer to it has been sent. */
function isOfEarlierRequest(
  message: HttpSocket["_httpMessage"],
): message is NonNullable<HttpSocket["_httpMessage"]> {
  return message !== undefined && message !== null && (message.headersSent || message.req.complete);
}

/** The request was refused before its body had come, and it is this body that cannot be read. */
function hasItsAnswer(latest: ServerResponse | undefined): boolean {
  return latest !== undefined && latest.headersSent && !latest.req.complete;
}
