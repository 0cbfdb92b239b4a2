import type { LedgerEntry } from "@fleetquake/contract";
import { timestampOf } from "../timestamp-of.ts";
import type { Collection } from "./collection.ts";
import { ledgerState } from "./ledger-state.ts";
import { outcomeOf } from "./outcome.ts";
import { recoverySummary } from "./recovery-summary.ts";
import { replicaOutcomeOf } from "./replica-outcome.ts";
import { skewOf } from "./skew.ts";
import { sumConnectionsClosed } from "./sum-connections-closed.ts";
import { tally } from "./tally.ts";

/** A collection as the contract shows it at this moment. */
export function buildEntry(collection: Collection): LedgerEntry {
  const { header, rows, closing } = collection;
  const isClosed = closing !== null;
  const replicas = rows.map((row) => replicaOutcomeOf(row, ledgerState(row, isClosed)));
  const answers = rows.flatMap((row) => (row.answer === null ? [] : [row.answer]));
  const { skewInMs, uncertaintyInMs } = skewOf(answers, header.openedAtInMs);
  return {
    command_id: header.commandId,
    ...header.order,
    epoch: header.epoch,
    target: header.target,
    caller: header.caller,
    issuer: header.issuer,
    reason: header.reason,
    opened_at: timestampOf(header.openedAtInMs),
    deadline_at: timestampOf(header.deadlineAtInMs),
    deadline_ms: header.deadlineInMs,
    closed_at: closing === null ? null : timestampOf(closing.closedAtInMs),
    published: collection.published,
    outcome: outcomeOf(rows, { isClosed, isRosterComplete: header.isRosterComplete }),
    connections_closed: sumConnectionsClosed(rows),
    duration_ms: closing === null ? null : closing.durationInMs,
    skew_ms: skewInMs,
    skew_uncertainty_ms: uncertaintyInMs,
    fleet: tally(replicas.map((replica) => replica.state)),
    replicas,
    recovery: recoverySummary(rows),
  };
}
