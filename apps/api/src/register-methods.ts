import type { FastifyInstance } from "fastify";
import type { MethodTable } from "./method-table.ts";
import { ProblemError } from "./problems/problem-error.ts";

/**
 * Answers what no route answers, before any body is read: 404 for an unknown path, 405 with `Allow` for a known one,
 * 204 with `Allow` for OPTIONS. There is no CORS: a foreign page's preflight gets no permission.
 */
export function registerMethods(app: FastifyInstance, table: MethodTable): void {
  app.addHook("onRoute", ({ path, method }) => {
    for (const name of [method].flat()) {
      table.add(path, name);
    }
  });
  app.addHook("onRequest", async (request, reply) => {
    if (!request.is404) {
      return undefined;
    }
    const { method, url } = request;
    const allowed = url === "*" ? table.all() : table.allowedFor(url);
    if (allowed === null) {
      throw new ProblemError(
        "NOT_FOUND",
        `There is no such path; there are ${table.paths().join(", ")}.`,
      );
    }
    const headers = { allow: allowed.join(", ") };
    if (method === "OPTIONS") {
      return reply.code(204).headers(headers).send();
    }
    throw new ProblemError(
      "METHOD_NOT_ALLOWED",
      `This path does not answer to ${method}; it answers to ${headers.allow}.`,
      { headers },
    );
  });
}
