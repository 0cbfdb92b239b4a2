import type { RecoverRequest } from "../inject-request.ts";
import type { Collection } from "../ledger/collection.ts";
import { refuseBusUnavailable, refused } from "../refusal.ts";
import type { AdmissionKnowledge } from "./admission.ts";
import type { TargetResolution } from "./resolve-target.ts";
import { suspects } from "./suspects.ts";

/** Ending a fault is always right: only a bus that is away is in the way. It is for everybody, known here or not. */
export function admitRecovery(
  { fault }: RecoverRequest["order"],
  { isBusConnected, nowInMs, rows }: AdmissionKnowledge,
  collections: readonly Collection[],
): TargetResolution {
  if (!isBusConnected) {
    return refused(refuseBusUnavailable());
  }
  const expected = suspects({ fault, rows, nowInMs, collections });
  return { kind: "resolved", resolved: { expected, commandTarget: {} } };
}
