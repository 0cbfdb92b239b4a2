import type { FastifyInstance } from "fastify";
import type { CommandOrder, LastingFault, LedgerEntry } from "@fleetquake/contract";
import type { InjectRequest } from "@fleetquake/coordinator";
import { recoverFault } from "../faults/recover-fault.ts";
import { ProblemError } from "../problems/problem-error.ts";
import { refuseBody } from "../validation/refuse-body.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import { unknownCommand } from "./commands.ts";
import type { RouteOptions } from "./route-options.ts";

/** What each lasting fault would order: enough to ask which command is at work. */
const ORDERS = {
  load: {
    fault: "load",
    action: "inject",
    parameters: { level: "low", duration_seconds: 1, jobs_per_second: 0 },
  },
  hang: { fault: "hang", action: "inject", parameters: { scope: "jobs", duration_seconds: 1 } },
  "redis-block": {
    fault: "redis-block",
    action: "inject",
    parameters: { mode: "refuse", duration_seconds: 1 },
  },
  "token-expiry": {
    fault: "token-expiry",
    action: "inject",
    parameters: { duration_seconds: 1 },
  },
} as const satisfies Record<LastingFault, InjectRequest["order"]>;

/** `DELETE /chaos/commands/{id}`: ends what still runs of a command, as the DELETE of its fault would. */
export function registerCancelCommand(app: FastifyInstance, options: RouteOptions): void {
  const { fleet } = options;
  app.delete<{ Params: { id: string } }>("/chaos/commands/:id", async (request, reply) => {
    refuseQuery(request.query);
    refuseBody(request.body);
    const { id } = request.params;
    const entry = fleet.command(id);
    if (entry === undefined) {
      throw unknownCommand(id);
    }
    const fault = runningFaultOf(entry, options);
    return recoverFault(request, reply, {
      fault,
      words: { complete: "command_cancelled", partial: "command_partially_cancelled" },
      members: { cancelled_command_id: id, fault },
      options,
    });
  });
}

/** @throws {ProblemError} 409 when nothing of the command runs any more, or nothing of it ever could be ended. */
function runningFaultOf(entry: LedgerEntry, { fleet }: RouteOptions): LastingFault {
  const fault = lastingFaultOf(entry);
  const isRunning =
    fault !== null &&
    entry.action === "inject" &&
    fleet.conflict(ORDERS[fault])?.commandId === entry.command_id;
  if (!isRunning) {
    throw new ProblemError(
      "COMMAND_NOT_RUNNING",
      `Nothing of command ${entry.command_id} (${entry.fault}, ${entry.action}) runs any more: what a command has done cannot be taken back.`,
      { members: { command_id: entry.command_id } },
    );
  }
  return fault;
}

/** A reset leaves a block behind, if it was asked for. */
function lastingFaultOf({ fault }: { readonly fault: CommandOrder["fault"] }): LastingFault | null {
  switch (fault) {
    case "redis-reset":
      return "redis-block";
    case "halt":
      return null;
    case "load":
    case "hang":
    case "redis-block":
    case "token-expiry":
      return fault;
  }
}
