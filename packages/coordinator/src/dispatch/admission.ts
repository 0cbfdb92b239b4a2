import type { CommandFault, LastingFault, Target } from "@fleetquake/contract";
import type { Standing } from "../cool-down.ts";
import type { InjectRequest } from "../inject-request.ts";
import type { HaltRecord } from "../records/halt-record.ts";
import {
  refuseActive,
  refuseBusUnavailable,
  refuseCollecting,
  refuseCoolingDown,
  refused,
  refuseHalted,
  refuseWarming,
  type Refusal,
} from "../refusal.ts";
import type { RosterRow } from "../roster/roster.ts";
import { presentMembers } from "./expected-set.ts";
import { resolveTarget, type TargetNeeds, type TargetResolution } from "./resolve-target.ts";

/** What an API knows from memory at one moment. */
export interface AdmissionKnowledge {
  /** Broker time, ms since 1970. */
  readonly nowInMs: number;
  /** What stands for a fault. */
  readonly standing: (fault: CommandFault) => Standing;
  /** The halt that stands; null: none. */
  readonly halt: HaltRecord | null;
  readonly isBusConnected: boolean;
  readonly rosterState: "warming" | "ready";
  readonly warmingRetryAfterInMs: number;
  readonly rows: readonly RosterRow[];
  readonly random: () => number;
}

/** What means nothing to a replica that uses no Redis. */
const NEEDING_REDIS: ReadonlySet<CommandFault> = new Set([
  "redis-reset",
  "redis-block",
  "token-expiry",
]);

/**
 * Whether a request may pass, and whom it would be for.
 *
 * In the contract's order: 409 before 423 before 429 before 404 before 503. A 404 is only said of a roster that is
 * complete: of a fleet that is not heard, nobody can say who is not in it.
 */
export function admit(
  request: Pick<InjectRequest, "order" | "target">,
  knowledge: AdmissionKnowledge,
): TargetResolution {
  const { order, target } = request;
  const refusal = conflictOf(order, knowledge) ?? refusalFrom(order.fault, knowledge);
  return refusal === null ? resolveFor(order, target, knowledge) : refused(refusal);
}

/** Whom a request would be for, whether or not it may pass. */
export function resolveFor(
  order: InjectRequest["order"],
  target: Target | undefined,
  { rows, random }: Pick<AdmissionKnowledge, "rows" | "random">,
): TargetResolution {
  return resolveTarget(target, presentMembers(rows), { ...needsOf(order), random });
}

/** The part that comes before all others, and before the request is looked at closely: somebody is at it already. */
export function conflictOf(
  order: InjectRequest["order"],
  { nowInMs, standing }: Pick<AdmissionKnowledge, "nowInMs" | "standing">,
): Refusal | null {
  const { active, collecting } = standing(order.fault);
  for (const fault of lastingFaultsOf(order)) {
    const record = fault === order.fault ? active : standing(fault).active;
    if (record !== null) {
      return refuseActive(fault, record, nowInMs);
    }
  }
  return collecting === null ? null : refuseCollecting(collecting, nowInMs);
}

function refusalFrom(fault: CommandFault, knowledge: AdmissionKnowledge): Refusal | null {
  const { nowInMs, halt } = knowledge;
  if (halt !== null) {
    return refuseHalted(halt);
  }
  const { coolingDown } = knowledge.standing(fault);
  if (coolingDown !== null) {
    return refuseCoolingDown(coolingDown, nowInMs);
  }
  if (!knowledge.isBusConnected) {
    return refuseBusUnavailable();
  }
  return knowledge.rosterState === "warming"
    ? refuseWarming(knowledge.warmingRetryAfterInMs)
    : null;
}

/** The faults that would stay when the order is carried out. */
function lastingFaultsOf(order: InjectRequest["order"]): LastingFault[] {
  if (order.fault === "redis-reset") {
    return order.parameters.block_seconds === undefined ? [] : ["redis-block"];
  }
  return [order.fault];
}

/** Only a reset takes the whole fleet by default; a load that takes the API down as well shows nothing. */
function needsOf({ fault }: InjectRequest["order"]): TargetNeeds {
  return {
    sparesApis: fault !== "redis-reset",
    needsRedis: NEEDING_REDIS.has(fault),
  };
}
