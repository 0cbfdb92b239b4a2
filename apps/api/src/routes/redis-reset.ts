import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AcceptedAnswer, CommandAnswer, DryRunAnswer } from "@fleetquake/contract";
import { callerOf } from "../faults/caller-of.ts";
import { readInOrder } from "../faults/read-in-order.ts";
import { runCommand } from "../faults/run-command.ts";
import type { FleetControl } from "../ports/fleet-control.ts";
import { answerOfOutcome } from "../reset/answer-of-outcome.ts";
import { readResetRequest, type ResetRequest } from "../reset/read-reset-request.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import { listClients, type ClientListing } from "../verify/list-clients.ts";
import { verifyClose } from "../verify/verify-close.ts";
import { timestamp, type RouteOptions } from "./route-options.ts";

/** A reset of whoever: enough to ask whether another one is collecting. */
const anyReset = {
  fault: "redis-reset",
  action: "inject",
  parameters: { force: true, drain_timeout_ms: 1 },
} as const;

/** `POST /chaos/redis-reset`. A caller who goes away cancels nothing. */
export function registerRedisReset(app: FastifyInstance, options: RouteOptions): void {
  const { fleet, clock } = options;
  app.post(
    "/chaos/redis-reset",
    async (request, reply): Promise<CommandAnswer | DryRunAnswer | AcceptedAnswer> => {
      const reset = read(request, fleet);
      const { order, reason, ...rest } = reset.injection;
      if (reset.isDryRun) {
        const result = fleet.dryRun(reset.injection);
        return { status: "dry_run", timestamp: timestamp(clock), connections_closed: 0, ...result };
      }
      // Only a reset that is really sent is verified: of one that is shown again nothing can be seen any more.
      let before: ClientListing | null = null;
      const run = {
        name: "redis-reset",
        order,
        caller: rest.caller,
        reason,
        send: async (origin) => {
          before = order.parameters.verify === true ? await listClients(options.store) : null;
          return fleet.inject({ ...rest, ...origin, order });
        },
        answer: async (entry) =>
          answerOfOutcome(entry, {
            required: reset.required,
            nowInMs: clock.nowInMs(),
            verification:
              before === null
                ? undefined
                : verifyClose(entry, before, await listClients(options.store)),
          }),
      } satisfies Parameters<typeof runCommand>[2]["run"];
      return runCommand(request, reply, { run, options });
    },
  );
}

/** Who only asks what would happen is told what is wrong, whatever is at work. */
function read(request: FastifyRequest, fleet: FleetControl): ResetRequest {
  return readInOrder(
    () => {
      refuseQuery(request.query);
      return readResetRequest(request.body, callerOf(request));
    },
    () => (asksForDryRun(request.body) ? null : fleet.conflict(anyReset)),
  );
}

function asksForDryRun(body: unknown): boolean {
  return typeof body === "object" && body !== null && "dry_run" in body && body.dry_run === true;
}
