import type { FastifyInstance, FastifyRequest } from "fastify";
import { HaltRequestSchema } from "@fleetquake/contract";
import { answerOfRecovery } from "../faults/answer-of-recovery.ts";
import { callerOf } from "../faults/caller-of.ts";
import { bodyReader } from "../faults/read-body.ts";
import { runCommand } from "../faults/run-command.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import type { RouteOptions } from "./route-options.ts";

const PATH = "/chaos/halt";
const readHalt = bodyReader({ schema: HaltRequestSchema });

/** `POST` and `DELETE /chaos/halt`. */
export function registerHalt(app: FastifyInstance, options: RouteOptions): void {
  const { fleet, clock, hangs } = options;
  app.post(PATH, async (request, reply) => {
    const reason = readReason(request);
    // This API's own part of it, whatever becomes of the bus.
    hangs.release();
    const run = {
      name: "halt",
      order: { fault: "halt", action: "inject", parameters: { reason: reason ?? "" } },
      caller: callerOf(request),
      reason,
      send: (origin) => fleet.halt(origin),
      answer: (entry) =>
        answerOfRecovery(entry, {
          words: { complete: "halted", partial: "partially_halted" },
          nowInMs: clock.nowInMs(),
          members: { halted: true },
        }),
    } satisfies Parameters<typeof runCommand>[2]["run"];
    return runCommand(request, reply, { run, options });
  });

  app.delete(PATH, async (request, reply) => {
    const reason = readReason(request);
    const run = {
      name: "halt-release",
      order: { fault: "halt", action: "recover", parameters: { reason: reason ?? "" } },
      caller: callerOf(request),
      reason,
      send: (origin) => fleet.release(origin),
      answer: (entry) =>
        answerOfRecovery(entry, {
          words: { complete: "halt_released", partial: "halt_partially_released" },
          nowInMs: clock.nowInMs(),
          members: { halted: false },
        }),
    } satisfies Parameters<typeof runCommand>[2]["run"];
    return runCommand(request, reply, { run, options });
  });
}

function readReason(request: FastifyRequest): string | null {
  refuseQuery(request.query);
  return readHalt(request.body ?? {}).reason ?? null;
}
