import type { FastifyReply, FastifyRequest } from "fastify";
import type { AcceptedAnswer, CommandAnswer, LastingFault } from "@fleetquake/contract";
import type { RouteOptions } from "../routes/route-options.ts";
import type { OutcomeWords } from "./answer-of-entry.ts";
import { answerOfRecovery } from "./answer-of-recovery.ts";
import { callerOf } from "./caller-of.ts";
import { runCommand } from "./run-command.ts";

/** The end of a fault, as a route asks for it. */
export interface FaultRecovery {
  readonly fault: LastingFault;
  readonly words: OutcomeWords;
  /** @default none */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly options: RouteOptions;
}

/** Ends a fault in the whole fleet and answers with who has confirmed it. */
export function recoverFault(
  request: FastifyRequest,
  reply: FastifyReply,
  { fault, words, members = {}, options }: FaultRecovery,
): Promise<CommandAnswer | AcceptedAnswer> {
  const { fleet, clock } = options;
  const order = { fault, action: "recover", parameters: {} } as const;
  const run = {
    name: `${fault}-recovery`,
    order,
    caller: callerOf(request),
    reason: null,
    send: (origin) => fleet.recover({ ...origin, order }),
    answer: (entry) => answerOfRecovery(entry, { words, nowInMs: clock.nowInMs(), members }),
  } satisfies Parameters<typeof runCommand>[2]["run"];
  return runCommand(request, reply, { run, options });
}
