import type { FastifyRequest } from "fastify";

/** Who is named in the record as having asked: the key, the identity of Entra ID, or where it is open the address. */
export function callerOf(request: FastifyRequest): string {
  return request.caller.name;
}
