import type { LedgerEntry, Verification } from "@fleetquake/contract";
import { answerOfEntry, type EntryAnswer } from "../faults/answer-of-entry.ts";

export interface AnswerOptions {
  readonly required: "any" | "complete";
  readonly nowInMs: number;
  /** What the server's own list says of it; absent where it was not asked. */
  readonly verification?: Verification | undefined;
}

/** The answer to a reset: its sum, and how far apart the replicas were. */
export function answerOfOutcome(
  entry: LedgerEntry,
  { verification, ...options }: AnswerOptions,
): EntryAnswer {
  const { block_seconds } = blockOf(entry);
  return answerOfEntry(entry, {
    ...options,
    words: {
      complete: "redis_connections_reset",
      partial: "redis_connections_partially_reset",
    },
    members: {
      connections_closed: entry.connections_closed,
      skew_ms: entry.skew_ms,
      skew_uncertainty_ms: entry.skew_uncertainty_ms,
      ...(block_seconds === undefined ? {} : { block_seconds }),
      ...(verification === undefined ? {} : { verification }),
    },
  });
}

function blockOf({ parameters }: LedgerEntry): { readonly block_seconds?: number } {
  return "block_seconds" in parameters ? { block_seconds: parameters.block_seconds } : {};
}
