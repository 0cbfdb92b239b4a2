import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PROBLEM_CODES, type Clock } from "@fleetquake/contract";
import { buildProblem } from "./build-problem.ts";
import { ProblemError } from "./problem-error.ts";
import { toProblemError } from "./to-problem-error.ts";

/** Answers one request with the envelope; a 500 goes to the log with everything that the caller is not told. */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  clock: Clock,
): FastifyReply {
  const problem = hasGone(request) ? goneProblem(error) : toProblemError(error);
  if (PROBLEM_CODES[problem.code].status === 500) {
    request.log.error({ err: problem.cause }, "request-failed");
    request.unexpected = problem.cause;
  }
  const built = buildProblem(problem, {
    url: request.url,
    requestId: request.id,
    nowInMs: clock.nowInMs(),
  });
  // Fastify closes the connection after a body it did not read; Node reads the rest away by itself, and closing
  // before that can take the answer with it. It ends where the client wants that, and then the answer says so.
  if (reply.raw.shouldKeepAlive) {
    reply.removeHeader("connection");
  } else {
    void reply.header("connection", "close");
  }
  return reply.code(built.status).headers(built.headers).send(JSON.stringify(built.body));
}

/** The caller went away in the middle of the body: nobody reads the answer, and nothing failed here. */
function hasGone({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}

function goneProblem(cause: unknown): ProblemError {
  return new ProblemError("MALFORMED_REQUEST", "The request ended in the middle.", { cause });
}

declare module "fastify" {
  interface FastifyRequest {
    /** What a 500 was answered for; null: nothing that nobody expected. */
    unexpected: unknown;
  }
}

/** Makes the envelope the answer to everything that goes wrong in a route, a hook or a parser. */
export function registerProblems(app: FastifyInstance, clock: Clock): void {
  app.decorateRequest("unexpected", null);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, clock));
}
