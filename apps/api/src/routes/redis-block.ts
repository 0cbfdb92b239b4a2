import type { FastifyInstance } from "fastify";
import { RedisBlockRequestSchema } from "@fleetquake/contract";
import { injectFault } from "../faults/inject-fault.ts";
import { recoverFault } from "../faults/recover-fault.ts";
import { bodyReader, requireBody, targetContradictions } from "../faults/read-body.ts";
import { readInOrder } from "../faults/read-in-order.ts";
import { refuseBody } from "../validation/refuse-body.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import type { RouteOptions } from "./route-options.ts";

const PATH = "/chaos/redis-block";
/** Said in every answer: a rule of the network would also stop what the agent does not see. */
const SCOPE = { scope: "in-process" } as const;

const readBlock = bodyReader({
  schema: RedisBlockRequestSchema,
  texts: { "/duration_seconds": "Duration must be between 1 and 3600 seconds" },
  findContradictions: ({ target }) => targetContradictions(target),
});

/** What a block would order if it were right: enough to ask whether another one stands. */
const anyBlock = {
  fault: "redis-block",
  action: "inject",
  parameters: { mode: "refuse", duration_seconds: 1 },
} as const;

/** `POST` and `DELETE /chaos/redis-block`. */
export function registerRedisBlock(app: FastifyInstance, options: RouteOptions): void {
  const { fleet } = options;
  app.post(PATH, async (request, reply) => {
    const body = readInOrder(
      () => {
        refuseQuery(request.query);
        return readBlock(requireBody(request.body));
      },
      () => fleet.conflict(anyBlock),
    );
    const { mode = "refuse", duration_seconds, target } = body;
    const order = { ...anyBlock, parameters: { mode, duration_seconds } };
    return injectFault(request, reply, {
      order,
      target,
      words: { complete: "redis_block_started", partial: "redis_block_partially_started" },
      members: { mode, duration_seconds, ...SCOPE },
      options,
    });
  });

  app.delete(PATH, async (request, reply) => {
    refuseQuery(request.query);
    refuseBody(request.body);
    return recoverFault(request, reply, {
      fault: "redis-block",
      words: { complete: "redis_block_stopped", partial: "redis_block_partially_stopped" },
      members: SCOPE,
      options,
    });
  });
}
