import type { FastifyInstance } from "fastify";
import { LoadRequestSchema, type LoadParameters, type LoadRequest } from "@fleetquake/contract";
import { injectFault } from "../faults/inject-fault.ts";
import { recoverFault } from "../faults/recover-fault.ts";
import { bodyReader, requireBody, targetContradictions } from "../faults/read-body.ts";
import { readInOrder } from "../faults/read-in-order.ts";
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
  const { fleet, jobs } = options;
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
    return injectFault(request, reply, {
      order,
      target: body.target,
      words: { complete: "load_started", partial: "load_partially_started" },
      members: { level, duration_seconds },
      onClosed: (entry) => jobs.begin(entry, order.parameters),
      options,
    });
  });

  app.delete(PATH, async (request, reply) => {
    refuseQuery(request.query);
    refuseBody(request.body);
    return recoverFault(request, reply, {
      fault: "load",
      words: { complete: "load_stopped", partial: "load_partially_stopped" },
      options,
    });
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
