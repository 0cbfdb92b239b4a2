import type { LedgerEntry } from "@fleetquake/contract";
import { answerOfEntry, type AnswerOfEntryOptions, type EntryAnswer } from "./answer-of-entry.ts";
import { withoutConnections } from "./without-connections.ts";

/** The answer to a recovery or a halt; it names who may still be under the fault. */
export function answerOfRecovery(
  entry: LedgerEntry,
  options: Pick<AnswerOfEntryOptions, "words" | "nowInMs" | "members">,
): EntryAnswer {
  const unconfirmed = entry.replicas
    .filter(({ state }) => state !== "acknowledged" && state !== "joined_late" && state !== "left")
    .map(({ replica_id }) => replica_id);
  return answerOfEntry(withoutConnections(entry), {
    ...options,
    required: "any",
    members: { ...options.members, unconfirmed },
  });
}
