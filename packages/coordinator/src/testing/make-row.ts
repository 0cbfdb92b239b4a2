import type { AcknowledgementBody } from "@fleetquake/contract";
import type { Answer, LedgerRow } from "../ledger/ledger-row.ts";
import { acknowledgement } from "./messages.ts";

/** An answer in time; whatever a test does not name is ordinary. */
export function makeAnswer(
  body: Partial<AcknowledgementBody> = {},
  overrides: Partial<Answer> = {},
): Answer {
  return { body: acknowledgement(body), enqueuedAtInMs: 0, isLate: false, ...overrides };
}

/** An expected replica's row that is answered; whatever a test does not name is ordinary. */
export function makeRow(overrides: Partial<LedgerRow> = {}): LedgerRow {
  return {
    replicaId: "r1",
    instanceId: "i1",
    role: "worker",
    isExpected: true,
    isDuplicate: false,
    answer: makeAnswer(),
    hasLeft: false,
    isConflicting: false,
    recovery: null,
    ...overrides,
  };
}
