import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Doorkeeper } from "../access/doorkeeper.ts";
import { isProbeRoute } from "../access/needed-role.ts";
import { registerCaller } from "../access/register-caller.ts";
import { ProblemError } from "../problems/problem-error.ts";
import { uriTooLong } from "../problems/to-problem-error.ts";

export interface RegisterGuardOptions {
  readonly doorkeeper: Doorkeeper;
  readonly isEnding: () => boolean;
}

const MAX_URL_LENGTH = 8_192;

/** Looks at every request before anything else does: who calls, how long the path is, and whether the API is ending. */
export function registerGuard(app: FastifyInstance, options: RegisterGuardOptions): void {
  const callers = registerCaller(app);
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id);
    void reply.header("x-content-type-options", "nosniff");
    void reply.header("cache-control", "no-store");
    const { url: route } = request.routeOptions;
    callers.set(request.raw, await options.doorkeeper.admit(request.raw, route, request.log));
    if (request.url.length > MAX_URL_LENGTH) {
      throw uriTooLong();
    }
    if (options.isEnding() && !isProbe(request)) {
      throw new ProblemError(
        "SHUTTING_DOWN",
        "This API is ending; ask another, or this one later.",
      );
    }
  });
}

/** Whether a request asks how the process is: those are answered to the end. */
export function isProbe(request: FastifyRequest): boolean {
  return isProbeRoute(request.routeOptions.url);
}
