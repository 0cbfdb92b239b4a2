import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Telemetry } from "@fleetquake/telemetry";
import { isProbe } from "../guard/register-guard.ts";

const FIRST_FAILED_STATUS = 500;

/** Tells of every request that was answered, and of the error where nobody expected it. */
export function registerTelemetry(
  app: FastifyInstance,
  { telemetry }: { readonly telemetry: Telemetry },
): void {
  app.addHook("onResponse", (request, reply, done) => {
    track(request, reply, telemetry);
    done();
  });
}

function track(request: FastifyRequest, reply: FastifyReply, telemetry: Telemetry): void {
  const { method } = request;
  const { statusCode: status } = reply;
  const { step, parent } = request.operation;
  const route = request.routeOptions.url ?? "none";
  // A probe says 503 when it means it, once a second.
  const hasFailed = status >= FIRST_FAILED_STATUS && !isProbe(request);
  telemetry.trackRequest({
    name: `${method} ${route}`,
    step,
    parent,
    durationInMs: reply.elapsedTime,
    succeeded: !hasFailed,
    http: { method, route, status },
    properties: { request_id: request.id },
    isAlwaysSent: method !== "GET" && route.startsWith("/chaos/"),
  });
  if (request.unexpected !== null) {
    telemetry.trackException(request.unexpected, { request_id: request.id, route }, step);
  }
}
