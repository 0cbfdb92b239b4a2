import type { FleetTally, LedgerEntry, ProblemCode, RedisResetAnswer } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";

export interface AnswerOptions {
  readonly required: "any" | "complete";
  readonly nowInMs: number;
}

/** 200 or 207 with the summed answer. */
export interface OutcomeAnswer {
  readonly status: 200 | 207;
  readonly body: RedisResetAnswer;
}

/**
 * Turns a closed ledger entry into the contract's answer.
 * @throws {ProblemError} 502 when all answered and none did it, 504 when replicas are silent and none did it, 504 when
 * a complete outcome was required and this one is partial.
 */
export function answerOfOutcome(entry: LedgerEntry, options: AnswerOptions): OutcomeAnswer {
  switch (entry.outcome) {
    case "complete":
      return { status: 200, body: bodyOf(entry, "complete", options.nowInMs) };
    case "partial":
      if (options.required === "complete") {
        throw outcomeProblem(
          entry,
          "CHAOS_PARTIAL",
          `${describe(entry.fleet)}, and \`require\` is complete`,
        );
      }
      return { status: 207, body: bodyOf(entry, "partial", options.nowInMs) };
    case "none":
      throw noneProblem(entry);
    case "pending":
      throw new TypeError(`command ${entry.command_id} was answered while it is still collecting`);
  }
}

function noneProblem(entry: LedgerEntry): ProblemError {
  const { failed, refused, expired, silent } = entry.fleet;
  const haveAllAnswered = silent === 0 && failed + refused + expired > 0;
  return outcomeProblem(
    entry,
    haveAllAnswered ? "CHAOS_ALL_REFUSED" : "CHAOS_NO_ANSWER",
    entry.published === "unknown"
      ? `${describe(entry.fleet)}; the bus was lost while publishing, so that the command may or may not have gone out`
      : describe(entry.fleet),
  );
}

function outcomeProblem(entry: LedgerEntry, code: ProblemCode, what: string): ProblemError {
  const detail = `${what}. Late answers amend /chaos/commands/${encodeURIComponent(entry.command_id)}.`;
  return new ProblemError(code, detail, {
    members: { ...membersOf(entry), outcome: entry.outcome },
  });
}

function describe(fleet: FleetTally): string {
  const { expected, acknowledged } = fleet;
  const others = (["failed", "refused", "expired", "silent", "left"] as const)
    .filter((state) => fleet[state] > 0)
    .map((state) => `${fleet[state]} ${state}`);
  const rest = others.length === 0 ? "" : `: ${others.join(", ")}`;
  return `${acknowledged} of ${expected} expected replicas acknowledged${rest}`;
}

function bodyOf(
  entry: LedgerEntry,
  outcome: "complete" | "partial",
  nowInMs: number,
): RedisResetAnswer {
  const isComplete = outcome === "complete";
  const { connections_closed, command_id, ...rest } = membersOf(entry);
  return {
    status: isComplete ? "redis_connections_reset" : "redis_connections_partially_reset",
    connections_closed,
    timestamp: new Date(nowInMs).toISOString(),
    command_id,
    outcome,
    ...rest,
  };
}

function membersOf(entry: LedgerEntry): Omit<RedisResetAnswer, "status" | "outcome" | "timestamp"> {
  return {
    connections_closed: entry.connections_closed,
    command_id: entry.command_id,
    published: entry.published,
    duration_ms: entry.duration_ms ?? 0,
    skew_ms: entry.skew_ms,
    skew_uncertainty_ms: entry.skew_uncertainty_ms,
    fleet: entry.fleet,
    replicas: entry.replicas,
  };
}
