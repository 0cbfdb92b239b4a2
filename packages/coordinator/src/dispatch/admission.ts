import type { Target } from "@fleetquake/contract";
import type { Standing } from "../cool-down.ts";
import {
  refuseBusUnavailable,
  refuseCollecting,
  refuseCoolingDown,
  refuseWarming,
  type Refusal,
} from "../refusal.ts";
import type { RosterRow } from "../roster/roster.ts";
import { presentMembers } from "./expected-set.ts";
import { resolveTarget, type TargetResolution } from "./resolve-target.ts";

/** What an API knows from memory at one moment. */
export interface AdmissionKnowledge {
  /** Broker time, ms since 1970. */
  readonly nowInMs: number;
  readonly standing: Standing;
  readonly isBusConnected: boolean;
  readonly rosterState: "warming" | "ready";
  readonly warmingRetryAfterInMs: number;
  readonly rows: readonly RosterRow[];
  readonly random: () => number;
}

/**
 * Whether a request may pass, and whom it would be for.
 *
 * In the contract's order: 409 before 429 before 404 before 503. A 404 is only said of a roster that is complete:
 * of a fleet that is not heard, nobody can say who is not in it.
 */
export function admit(target: Target | undefined, knowledge: AdmissionKnowledge): TargetResolution {
  const refusal = refusalFrom(knowledge);
  return refusal === null
    ? resolveTarget(target, presentMembers(knowledge.rows), knowledge.random)
    : { kind: "refused", refusal };
}

function refusalFrom(knowledge: AdmissionKnowledge): Refusal | null {
  const { nowInMs, standing } = knowledge;
  if (standing.collecting !== null) {
    return refuseCollecting(standing.collecting, nowInMs);
  }
  if (standing.coolingDown !== null) {
    return refuseCoolingDown(standing.coolingDown, nowInMs);
  }
  if (!knowledge.isBusConnected) {
    return refuseBusUnavailable();
  }
  return knowledge.rosterState === "warming"
    ? refuseWarming(knowledge.warmingRetryAfterInMs)
    : null;
}
