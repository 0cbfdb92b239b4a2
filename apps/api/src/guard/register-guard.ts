import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../problems/problem-error.ts";
import { uriTooLong } from "../problems/to-problem-error.ts";
import type { AllowedHosts } from "./allowed-hosts.ts";
import { checkCaller } from "./check-caller.ts";

export interface RegisterGuardOptions {
  readonly allowedHosts: AllowedHosts;
  readonly isEnding: () => boolean;
}

const MAX_URL_LENGTH = 8_192;
const PROBES: ReadonlySet<string> = new Set(["/livez", "/readyz", "/health"]);

/** Looks at every request before anything else does: who calls, how long the path is, and whether the API is ending. */
export function registerGuard(app: FastifyInstance, options: RegisterGuardOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id);
    void reply.header("x-content-type-options", "nosniff");
    void reply.header("cache-control", "no-store");
    checkCaller(request.raw, options.allowedHosts);
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
  return PROBES.has(request.routeOptions.url ?? "");
}
