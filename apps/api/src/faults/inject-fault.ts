import type { FastifyReply, FastifyRequest } from "fastify";
import type { AcceptedAnswer, CommandAnswer, LedgerEntry, Target } from "@fleetquake/contract";
import type { InjectRequest } from "@fleetquake/coordinator";
import type { RouteOptions } from "../routes/route-options.ts";
import { answerOfEntry, type OutcomeWords } from "./answer-of-entry.ts";
import { callerOf } from "./caller-of.ts";
import { runCommand } from "./run-command.ts";
import { withoutConnections } from "./without-connections.ts";

/** A fault that lasts, as its route asks for it. */
export interface FaultInjection {
  readonly order: Exclude<InjectRequest["order"], { readonly fault: "redis-reset" }>;
  readonly target: Target | undefined;
  readonly words: OutcomeWords;
  readonly members: Readonly<Record<string, unknown>>;
  /** Called with the outcome of a command that was really sent, whatever it is. */
  readonly onClosed?: (entry: LedgerEntry) => void;
  readonly options: RouteOptions;
}

/** Injects a fault that lasts and answers with who is under it. */
export function injectFault(
  request: FastifyRequest,
  reply: FastifyReply,
  { order, target, words, members, onClosed, options }: FaultInjection,
): Promise<CommandAnswer | AcceptedAnswer> {
  const { fleet, clock } = options;
  const run = {
    name: order.fault,
    order,
    caller: callerOf(request),
    reason: null,
    send: async (origin) => {
      const injection = { ...origin, order, ...(target === undefined ? {} : { target }) };
      const result = await fleet.inject(injection);
      if (result.kind === "accepted" && onClosed !== undefined) {
        void result.closed.then(onClosed);
      }
      return result;
    },
    answer: (entry) =>
      answerOfEntry(withoutConnections(entry), {
        words,
        required: "any",
        nowInMs: clock.nowInMs(),
        members,
      }),
  } satisfies Parameters<typeof runCommand>[2]["run"];
  return runCommand(request, reply, { run, options });
}
