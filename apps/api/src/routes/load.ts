import type { FastifyInstance } from "fastify";
import { LoadRequestSchema, type LoadParameters, type LoadRequest } from "@fleetquake/contract";
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

const PATH = "/chaos/load";

const readLoad = bodyReader({
  schema: LoadRequestSchema,
  texts: {
    "/level": "Invalid load level. Must be 'low', 'medium', or 'high'",
    "/duration_seconds": "Duration must be between 1 and 3600 seconds",
  },
  findContradictions: ({ target }) => targetContradictions(target),
});

/** `POST` and `DELETE /chaos/load`. */
export function registerLoad(app: FastifyInstance, options: RouteOptions): void {
  const { fleet, clock, jobs } = options;
  app.post(PATH, async (request, reply) => {
    const body = readInOrder(
      () => {
        refuseQuery(request.query);
        return readLoad(requireBody(request.body));
      },
      () => fleet.conflict(orderOf({})),
    );
    const order = orderOf(body);
    const { level, duration_seconds } = order.parameters;
    const run = {
      name: "load",
      order,
      caller: callerOf(request),
      reason: null,
      send: async (origin) => {
        const result = await fleet.inject({
          ...origin,
          order,
          ...(body.target === undefined ? {} : { target: body.target }),
        });
        if (result.kind === "accepted") {
          void result.closed.then((entry) => jobs.begin(entry, order.parameters));
        }
        return result;
      },
      answer: (entry) =>
        answerOfEntry(withoutConnections(entry), {
          words: { complete: "load_started", partial: "load_partially_started" },
          required: "any",
          nowInMs: clock.nowInMs(),
          members: { level, duration_seconds },
        }),
    } satisfies Parameters<typeof runCommand>[2]["run"];
    return runCommand(request, reply, { run, options });
  });

  app.delete(PATH, async (request, reply) => {
    refuseQuery(request.query);
    refuseBody(request.body);
    const order = { fault: "load", action: "recover", parameters: {} } as const;
    const run = {
      name: "load-recovery",
      order,
      caller: callerOf(request),
      reason: null,
      send: (origin) => fleet.recover({ ...origin, order }),
      answer: (entry) =>
        answerOfRecovery(entry, {
          words: { complete: "load_stopped", partial: "load_partially_stopped" },
          nowInMs: clock.nowInMs(),
          members: {},
        }),
    } satisfies Parameters<typeof runCommand>[2]["run"];
    return runCommand(request, reply, { run, options });
  });
}

function orderOf(body: LoadRequest): {
  readonly fault: "load";
  readonly action: "inject";
  readonly parameters: LoadParameters;
} {
  const { level = "low", duration_seconds = 60, jobs_per_second = 0 } = body;
  return {
    fault: "load",
    action: "inject",
    parameters: { level, duration_seconds, jobs_per_second },
  };
}
