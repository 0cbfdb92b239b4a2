import type { FastifyRequest } from "fastify";

/** Who asks, for the record. */
export function callerOf(request: FastifyRequest): string {
  return `anonymous (${request.ip})`;
}
