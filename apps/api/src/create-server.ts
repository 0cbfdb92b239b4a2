import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { Clock } from "@fleetquake/contract";
import { createLogger, toLog, type LogLevel } from "@fleetquake/telemetry";
import { AccessControl } from "./access/access-control.ts";
import type { AccessSettings } from "./access/access-settings.ts";
import { Doorkeeper } from "./access/doorkeeper.ts";
import type { AllowedHosts } from "./guard/allowed-hosts.ts";
import { answerBesideFastify } from "./answer-beside-fastify.ts";
import { isProbe, registerGuard } from "./guard/register-guard.ts";
import { registerJsonBody } from "./json/register-json-body.ts";
import { MethodTable } from "./method-table.ts";
import { ClientErrors } from "./problems/client-errors.ts";
import { registerProblems, sendProblem } from "./problems/register-problems.ts";
import { registerMethods } from "./register-methods.ts";
import { requestIdOf } from "./request-id.ts";
import { registerSteps } from "./telemetry/register-steps.ts";

export interface CreateServerOptions {
  readonly clock: Clock;
  readonly allowedHosts: AllowedHosts;
  /**
   * How callers authenticate; null where everybody on this machine may call.
   * @default null
   */
  readonly access?: AccessSettings | null;
  readonly logLevel: LogLevel;
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
const REQUEST_ID_LABEL = "request_id";

/**
 * Makes the HTTP server without its routes: log, request ids, guard, bodies, methods, and one envelope for whatever
 * goes wrong, down to bytes that are not HTTP.
 */
export function createServer(options: CreateServerOptions): FastifyInstance {
  const { clock } = options;
  const clientErrors = new ClientErrors(clock);
  const app = makeFastify(options, {
    clientErrors,
    onUnreadable: (refused) => void answerUnreadable(refused, doorkeeper, clock),
  });
  clientErrors.watch(app.server);
  const doorkeeper = makeDoorkeeper(app, options);
  answerBesideFastify(app.server, {
    doorkeeper,
    clock,
    logOf: (requestId) => app.log.child({ [REQUEST_ID_LABEL]: requestId }),
  });
  registerSteps(app);
  registerProblems(app, clock);
  registerGuard(app, { doorkeeper, isEnding: options.isEnding });
  registerMethods(app, new MethodTable());
  registerJsonBody(app);
  registerAccessLog(app);
  return app;
}

/** A request that the router refused. */
interface UnreadableRequest {
  readonly error: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function makeFastify(
  options: CreateServerOptions,
  {
    clientErrors,
    onUnreadable,
  }: {
    readonly clientErrors: ClientErrors;
    readonly onUnreadable: (refused: UnreadableRequest) => void;
  },
): FastifyInstance {
  const requestTimeout = options.requestTimeoutInMs ?? DEFAULT_REQUEST_TIMEOUT_IN_MS;
  const logger: FastifyBaseLogger = createLogger({
    level: options.logLevel,
    base: { pid: process.pid },
  });
  return fastify({
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
    loggerInstance: logger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: REQUEST_ID_LABEL,
    }),
    clientErrorHandler: (error, socket) => clientErrors.answer(error, socket),
    frameworkErrors: (error, request, reply) => onUnreadable({ error, request, reply }),
  });
}

/** Paths that the router cannot read never reach the guard's hook. */
async function answerUnreadable(
  { error, request, reply }: UnreadableRequest,
  doorkeeper: Doorkeeper,
  clock: Clock,
): Promise<void> {
  const refusal = await refusalOf(doorkeeper.admit(request.raw, undefined, request.log));
  void sendProblem(refusal ?? error, request, reply, clock);
}

/** Why somebody is not let in; null for whoever is. */
async function refusalOf(admission: Promise<unknown>): Promise<unknown> {
  try {
    await admission;
    return null;
  } catch (error) {
    return error;
  }
}

function makeDoorkeeper(app: FastifyInstance, options: CreateServerOptions): Doorkeeper {
  const { clock, allowedHosts, access = null } = options;
  const log = toLog(app.log);
  return new Doorkeeper({
    allowedHosts,
    clock,
    access: access === null ? null : new AccessControl({ settings: access, clock, log }),
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
        trace_id: request.operation.step.traceId,
      },
      "request-answered",
    );
    done();
  });
}
