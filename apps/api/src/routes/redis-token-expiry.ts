import type { FastifyInstance } from "fastify";
import { RedisTokenExpiryRequestSchema } from "@fleetquake/contract";
import { injectFault } from "../faults/inject-fault.ts";
import { bodyReader, requireBody, targetContradictions } from "../faults/read-body.ts";
import { readInOrder } from "../faults/read-in-order.ts";
import { recoverFault } from "../faults/recover-fault.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import { refuseBody } from "../validation/refuse-body.ts";
import type { RouteOptions } from "./route-options.ts";

const PATH = "/chaos/redis-token-expiry";

const readExpiry = bodyReader({
  schema: RedisTokenExpiryRequestSchema,
  texts: { "/duration_seconds": "Duration must be between 1 and 3600 seconds" },
  findContradictions: ({ target }) => targetContradictions(target),
});

/** What an expiry would order if it were right: enough to ask whether another one stands. */
const anyExpiry = {
  fault: "token-expiry",
  action: "inject",
  parameters: { duration_seconds: 1 },
} as const;

/** `POST` and `DELETE /chaos/redis-token-expiry`. */
export function registerRedisTokenExpiry(app: FastifyInstance, options: RouteOptions): void {
  const { fleet } = options;
  app.post(PATH, async (request, reply) => {
    const { duration_seconds, target } = readInOrder(
      () => {
        refuseQuery(request.query);
        return readExpiry(requireBody(request.body));
      },
      () => fleet.conflict(anyExpiry),
    );
    return injectFault(request, reply, {
      order: { ...anyExpiry, parameters: { duration_seconds } },
      target,
      words: {
        complete: "redis_token_expiry_started",
        partial: "redis_token_expiry_partially_started",
      },
      members: { duration_seconds },
      options,
    });
  });

  app.delete(PATH, async (request, reply) => {
    refuseQuery(request.query);
    refuseBody(request.body);
    return recoverFault(request, reply, {
      fault: "token-expiry",
      words: {
        complete: "redis_token_expiry_stopped",
        partial: "redis_token_expiry_partially_stopped",
      },
      members: {},
      options,
    });
  });
}
