import type { IncomingMessage } from "node:http";
import { fastify, LogController, type FastifyInstance } from "fastify";
import type { Clock } from "@fleetquake/contract";
import type { AllowedHosts } from "./guard/allowed-hosts.ts";
import { checkCaller } from "./guard/check-caller.ts";
import { isProbe, registerGuard } from "./guard/register-guard.ts";
import { registerJsonBody } from "./json/register-json-body.ts";
import { MethodTable } from "./method-table.ts";
import { answerClientError, writeProblem } from "./problems/answer-client-error.ts";
import { buildProblem } from "./problems/build-problem.ts";
import { ProblemError } from "./problems/problem-error.ts";
import { registerProblems, sendProblem } from "./problems/register-problems.ts";
import { registerMethods } from "./register-methods.ts";
import { requestIdOf } from "./request-id.ts";

export interface CreateServerOptions {
  readonly clock: Clock;
  readonly allowedHosts: AllowedHosts;
  /** pino's levels, or `silent`. */
  readonly logLevel: string;
  /** true once the API ends: from then on routes other than the probes answer 503. */
  readonly isEnding: () => boolean;
  /**
   * How long a request may take to arrive, in milliseconds.
   * @default 30000
   */
  readonly requestTimeoutInMs?: number;
}

const BODY_LIMIT_IN_BYTES = 64 * 1_024;
const DEFAULT_REQUEST_TIMEOUT_IN_MS = 30_000;
const MAX_ID_LENGTH = 1_024;

/**
 * Makes the HTTP server without its routes: log, request ids, guard, bodies, methods, and one envelope for whatever
 * goes wrong, down to bytes that are not HTTP.
 */
export function createServer(options: CreateServerOptions): FastifyInstance {
  const { clock, allowedHosts } = options;
  const requestTimeout = options.requestTimeoutInMs ?? DEFAULT_REQUEST_TIMEOUT_IN_MS;
  const app = fastify({
    bodyLimit: BODY_LIMIT_IN_BYTES,
    routerOptions: { maxParamLength: MAX_ID_LENGTH },
    requestTimeout,
    // Node answers a missing Host by itself, without the envelope: the guard does it instead.
    http: {
      requireHostHeader: false,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: Math.min(5_000, requestTimeout),
    },
    return503OnClosing: false,
    genReqId: requestIdOf,
    logger: { level: options.logLevel, base: { pid: process.pid } },
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: "request_id",
    }),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, clock),
    frameworkErrors: (error, request, reply) => {
      void sendProblem(refusalOf(request.raw, allowedHosts) ?? error, request, reply, clock);
    },
  });
  answerWhatNodeWouldAnswer(app, clock);
  registerProblems(app, clock);
  registerGuard(app, { allowedHosts, isEnding: options.isEnding });
  registerMethods(app, new MethodTable());
  registerJsonBody(app);
  registerAccessLog(app);
  return app;
}

/** Paths that the router cannot read never reach the guard's hook. */
function refusalOf(request: IncomingMessage, allowedHosts: AllowedHosts): unknown {
  try {
    checkCaller(request, allowedHosts);
    return null;
  } catch (error) {
    return error;
  }
}

/** What Node answers without asking Fastify, and without the envelope. */
function answerWhatNodeWouldAnswer(app: FastifyInstance, clock: Clock): void {
  app.server.on("checkExpectation", (request, response) => {
    const problem = new ProblemError(
      "EXPECTATION_FAILED",
      "The only expectation that is met here is 100-continue.",
    );
    const { status, headers, body } = buildProblem(problem, {
      url: request.url ?? "",
      requestId: requestIdOf(request),
      nowInMs: clock.nowInMs(),
    });
    const text = JSON.stringify(body);
    const length = String(Buffer.byteLength(text));
    response.writeHead(status, { ...headers, "content-length": length }).end(text);
  });
  app.server.on("connect", (_request, socket) => {
    const problem = new ProblemError(
      "METHOD_NOT_ALLOWED",
      "This is no proxy: CONNECT is not served.",
      {
        headers: { allow: "GET, HEAD, POST, DELETE, OPTIONS" },
      },
    );
    writeProblem(problem, socket, clock);
  });
}

function registerAccessLog(app: FastifyInstance): void {
  app.addHook("onResponse", (request, reply, done) => {
    // Probes come every second and say nothing as long as they succeed.
    const isNoise = reply.statusCode < 400 && isProbe(request);
    request.log[isNoise ? "debug" : "info"](
      {
        method: request.method,
        path: request.url.split("?", 1)[0],
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      "request-answered",
    );
    done();
  });
}
