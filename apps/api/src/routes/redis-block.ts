import type { FastifyInstance } from "fastify";
import { RedisBlockRequestSchema } from "@fleetquake/contract";
import { answerOfEntry } from "../faults/answer-of-entry.ts";
import { answerOfRecovery } from "../faults/answer-of-recovery.ts";
import { callerOf } from "../faults/caller-of.ts";
import { bodyReader, requireBody, targetContradictions } from "../faults/read-body.ts";
import { readInOrder } from "../faults/read-in-order.ts";
import { runCommand } from "../faults/run-command.ts";
import { withoutConnections } from "../faults/without-connections.ts";
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
  const { fleet, clock } = options;
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
    const run = {
      name: "redis-block",
      order,
      caller: callerOf(request),
      reason: null,
      send: (origin) =>
        fleet.inject({ ...origin, order, ...(target === undefined ? {} : { target }) }),
      answer: (entry) =>
        answerOfEntry(withoutConnections(entry), {
          words: { complete: "redis_block_started", partial: "redis_block_partially_started" },
          required: "any",
          nowInMs: clock.nowInMs(),
          members: { mode, duration_seconds, ...SCOPE },
        }),
    } satisfies Parameters<typeof runCommand>[2]["run"];
    return runCommand(request, reply, { run, options });
  });

  app.delete(PATH, async (request, reply) => {
    refuseQuery(request.query);
    refuseBody(request.body);
    const order = { fault: "redis-block", action: "recover", parameters: {} } as const;
    const run = {
      name: "redis-block-recovery",
      order,
      caller: callerOf(request),
      reason: null,
      send: (origin) => fleet.recover({ ...origin, order }),
      answer: (entry) =>
        answerOfRecovery(entry, {
          words: { complete: "redis_block_stopped", partial: "redis_block_partially_stopped" },
          nowInMs: clock.nowInMs(),
          members: SCOPE,
        }),
    } satisfies Parameters<typeof runCommand>[2]["run"];
    return runCommand(request, reply, { run, options });
  });
}
