import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyBaseLogger } from "fastify";
import type { Clock } from "@fleetquake/contract";
import type { Doorkeeper } from "./access/doorkeeper.ts";
import { buildProblem } from "./problems/build-problem.ts";
import { ProblemError } from "./problems/problem-error.ts";
import { toProblemError } from "./problems/to-problem-error.ts";
import { writeProblem } from "./problems/write-problem.ts";
import { requestIdOf } from "./request-id.ts";

export interface AnswerBesideFastifyOptions {
  readonly doorkeeper: Doorkeeper;
  readonly clock: Clock;
  /** Makes a log that names the request. */
  readonly logOf: (requestId: string) => FastifyBaseLogger;
}

/**
 * Answers what Node would answer without asking Fastify, and without the envelope: expectations and CONNECT. Who may
 * not come in at all is told that first, as everywhere. No other protocol is spoken, whatever `Upgrade` asks for.
 */
export function answerBesideFastify(server: Server, options: AnswerBesideFastifyOptions): void {
  // Before Fastify's own listener, which may answer at once.
  server.prependListener("request", endAfterUpgrade);
  server.on("checkExpectation", (request, response) => {
    endAfterUpgrade(request, response);
    void answerExpectation(request, response, options);
  });
  server.on("connect", (request, socket) => {
    // Node lets go of the socket of a CONNECT: without a listener a client's reset would end the process.
    socket.on("error", () => socket.destroy());
    void answerConnect(request, socket, options);
  });
}

/** Node's parser reads nothing behind a request that asks to go on in another protocol: what follows has no answer. */
function endAfterUpgrade({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.upgrade !== undefined && /\bupgrade\b/i.test(headers.connection ?? "")) {
    response.shouldKeepAlive = false;
  }
}

async function answerExpectation(
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerBesideFastifyOptions,
): Promise<void> {
  const requestId = requestIdOf(request);
  const refusal = await findRefusal(request, options.logOf(requestId), options);
  const { status, headers, body } = buildProblem(refusal ?? expectationFailed(), {
    url: request.url ?? "",
    requestId,
    nowInMs: options.clock.nowInMs(),
  });
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  response.writeHead(status, { ...headers, "content-length": length }).end(text);
}

async function answerConnect(
  request: IncomingMessage,
  socket: Duplex,
  options: AnswerBesideFastifyOptions,
): Promise<void> {
  const requestId = requestIdOf(request);
  const refusal = await findRefusal(request, options.logOf(requestId), options);
  writeProblem(refusal ?? connectNotAllowed(), socket, { clock: options.clock, requestId });
}

/** Why somebody is not let in; null for whoever is. */
async function findRefusal(
  request: IncomingMessage,
  log: FastifyBaseLogger,
  { doorkeeper }: AnswerBesideFastifyOptions,
): Promise<ProblemError | null> {
  try {
    await doorkeeper.admit(request, undefined, log);
    return null;
  } catch (error) {
    return toProblemError(error);
  }
}

function expectationFailed(): ProblemError {
  return new ProblemError(
    "EXPECTATION_FAILED",
    "The only expectation that is met here is 100-continue.",
  );
}

function connectNotAllowed(): ProblemError {
  return new ProblemError("METHOD_NOT_ALLOWED", "This is no proxy: CONNECT is not served.", {
    headers: { allow: "GET, HEAD, POST, DELETE, OPTIONS" },
  });
}
