import type { CommandAnswer, FleetTally, LedgerEntry, ProblemCode } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";

/** The status words of one kind of command. */
export interface OutcomeWords {
  readonly complete: string;
  readonly partial: string;
}

export interface AnswerOfEntryOptions {
  readonly words: OutcomeWords;
  /** `complete`: a partial outcome is a failure. */
  readonly required: "any" | "complete";
  readonly nowInMs: number;
  /** Members of this kind of command beside those that every answer has. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** 200 or 207 with the summed answer. */
export interface EntryAnswer<T extends CommandAnswer = CommandAnswer> {
  readonly status: 200 | 207;
  readonly body: T;
}

/**
 * Turns a closed ledger entry into the contract's answer.
 * @throws {ProblemError} 502 when all answered and none did it, 504 when replicas are silent and none did it, 504 when
 * a complete outcome was required and this one is partial.
 */
export function answerOfEntry(entry: LedgerEntry, options: AnswerOfEntryOptions): EntryAnswer {
  switch (outcomeOf(entry)) {
    case "complete":
      return { status: 200, body: bodyOf(entry, "complete", options) };
    case "partial":
      if (options.required === "complete") {
        const what = `${describe(entry.fleet)}, and \`require\` is complete`;
        throw outcomeProblem(entry, { code: "CHAOS_PARTIAL", what, members: options.members });
      }
      return { status: 207, body: bodyOf(entry, "partial", options) };
    case "none":
      throw noneProblem(entry, options.members);
    case "pending":
      throw new TypeError(`command ${entry.command_id} was answered while it is still collecting`);
  }
}

/** A fleet without anybody who could be under a fault is rid of it, and halted. */
function outcomeOf(entry: LedgerEntry): LedgerEntry["outcome"] {
  const ends = entry.action === "recover" || entry.fault === "halt";
  return entry.outcome === "none" && ends && entry.fleet.expected === 0
    ? "complete"
    : entry.outcome;
}

function noneProblem(entry: LedgerEntry, members: Readonly<Record<string, unknown>>): ProblemError {
  const { failed, refused, expired, silent } = entry.fleet;
  const haveAllAnswered = silent === 0 && failed + refused + expired > 0;
  const what =
    entry.published === "unknown"
      ? `${describe(entry.fleet)}; the bus was lost while publishing, so that the command may or may not have gone out`
      : describe(entry.fleet);
  const code = haveAllAnswered ? "CHAOS_ALL_REFUSED" : "CHAOS_NO_ANSWER";
  return outcomeProblem(entry, { code, what, members });
}

function outcomeProblem(
  entry: LedgerEntry,
  problem: {
    readonly code: ProblemCode;
    readonly what: string;
    readonly members: Readonly<Record<string, unknown>>;
  },
): ProblemError {
  const path = `/chaos/commands/${encodeURIComponent(entry.command_id)}`;
  return new ProblemError(problem.code, `${problem.what}. Late answers amend ${path}.`, {
    members: {
      command_id: entry.command_id,
      outcome: entry.outcome,
      published: entry.published,
      ...problem.members,
      duration_ms: entry.duration_ms ?? 0,
      fleet: entry.fleet,
      replicas: entry.replicas,
    },
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
  { words, nowInMs, members }: AnswerOfEntryOptions,
): CommandAnswer {
  return {
    status: words[outcome],
    ...members,
    timestamp: new Date(nowInMs).toISOString(),
    command_id: entry.command_id,
    outcome,
    published: entry.published,
    duration_ms: entry.duration_ms ?? 0,
    fleet: entry.fleet,
    replicas: entry.replicas,
  };
}
