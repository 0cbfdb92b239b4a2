import type { CommandTarget, MemberError, Target } from "@fleetquake/contract";
import { refused, type Refused } from "../refusal.ts";
import type { Member } from "../roster/member.ts";
import { sample } from "./sample.ts";

/** Whom a command counts on, and how it says so. */
export interface ResolvedTarget {
  readonly expected: readonly Member[];
  readonly commandTarget: CommandTarget;
}

export type TargetResolution =
  | { readonly kind: "resolved"; readonly resolved: ResolvedTarget }
  | Refused;

/** What a fault needs of those who are under it. */
export interface TargetNeeds {
  /** Role `api` is left out unless the target names it. */
  readonly sparesApis: boolean;
  /** Somebody of them must use Redis. */
  readonly needsRedis: boolean;
}

/** The role of the fleet's API replicas. */
const API_ROLE = "api";
/** Chosen ids stand in the command and in each part of the ledger's opening: together below 256 KB. */
const MAX_CHOSEN_IDS_IN_BYTES = 120_000;
/** The contract wants a Retry-After on every 503; consent to use Redis comes with a restart. */
const REDIS_DISABLED_RETRY_IN_MS = 10_000;

/**
 * Chooses the replicas that a request is for, among those who have not left.
 *
 * Percent and count are drawn here and travel as replica ids; every other target travels as it came, so that a
 * newcomer who matches takes part.
 */
export function resolveTarget(
  target: Target | undefined,
  present: readonly Member[],
  options: TargetNeeds & { readonly random: () => number },
): TargetResolution {
  const unknown = unknownReplicas(target?.replicas ?? [], present);
  if (unknown.length > 0) {
    return refused({
      code: "UNKNOWN_REPLICA",
      detail: `${unknown.map((error) => error.detail).join(" ")} Nothing was injected.`,
      errors: unknown,
    });
  }
  const sparesApis = options.sparesApis && !namesApis(target, present);
  const matching = present.filter(
    (member) => matches(member, target) && !(sparesApis && member.report.role === API_ROLE),
  );
  const resolved = choose(target, matching, { sparesApis, random: options.random });
  if (resolved.expected.length === 0) {
    return refused({ code: "CHAOS_NO_TARGETS", detail: noTargets(present.length) });
  }
  if (options.needsRedis && resolved.expected.every((member) => !member.report.redis.enabled)) {
    return refused({
      code: "REDIS_NOT_INITIALIZED",
      detail: "Redis client not initialized",
      retryAfterInMs: REDIS_DISABLED_RETRY_IN_MS,
    });
  }
  return isTooLong(resolved.commandTarget)
    ? refused({
        code: "VALIDATION_FAILED",
        detail: "So many chosen replicas do not fit into one command; choose by role or labels.",
        errors: [{ path: "/target", detail: "chooses more replicas than one command can name" }],
      })
    : { kind: "resolved", resolved };
}

function noTargets(present: number): string {
  return present === 0
    ? "No replica is known; start the fleet's processes with an agent first."
    : `The target matches none of the ${present} replicas of the fleet.`;
}

function unknownReplicas(ids: readonly string[], present: readonly Member[]): MemberError[] {
  const known = new Set(present.map((member) => member.replicaId));
  return ids.flatMap((id, index) =>
    known.has(id)
      ? []
      : [{ path: `/target/replicas/${index}`, detail: `Replica ${id} is not in the fleet.` }],
  );
}

/** By its role, or by the id of one that has it. */
function namesApis(target: Target | undefined, present: readonly Member[]): boolean {
  return (
    target?.role === API_ROLE ||
    present.some(
      ({ replicaId, report }) =>
        report.role === API_ROLE && target?.replicas?.includes(replicaId) === true,
    )
  );
}

function matches(member: Member, target: Target | undefined): boolean {
  if (target?.replicas !== undefined && !target.replicas.includes(member.replicaId)) {
    return false;
  }
  if (target?.role !== undefined && target.role !== member.report.role) {
    return false;
  }
  const { labels } = member.report;
  return Object.entries(target?.labels ?? {}).every(
    ([name, value]) => Object.hasOwn(labels, name) && labels[name] === value,
  );
}

function choose(
  target: Target | undefined,
  matching: readonly Member[],
  { sparesApis, random }: { readonly sparesApis: boolean; readonly random: () => number },
): ResolvedTarget {
  const ids = [...new Set(matching.map((member) => member.replicaId))];
  const size = sampleSize(target, ids.length);
  if (size === null) {
    const spared = sparesApis ? { except_role: API_ROLE } : {};
    return { expected: matching, commandTarget: { ...selectorOf(target), ...spared } };
  }
  const chosen = new Set(sample(ids, size, random));
  return {
    expected: matching.filter((member) => chosen.has(member.replicaId)),
    commandTarget: { replicas: [...chosen] },
  };
}

/** How many replicas are drawn; null when the target draws none. */
function sampleSize(target: Target | undefined, matching: number): number | null {
  if (target?.percent !== undefined) {
    // Fractions of a percent must not push an exact share over the next integer.
    const share = Math.ceil((matching * target.percent) / 100 - 1e-9);
    return Math.max(1, share);
  }
  return target?.count ?? null;
}

function selectorOf(target: Target | undefined): CommandTarget {
  return {
    ...(target?.replicas === undefined ? {} : { replicas: [...target.replicas] }),
    ...(target?.role === undefined ? {} : { role: target.role }),
    ...(target?.labels === undefined ? {} : { labels: { ...target.labels } }),
  };
}

function isTooLong(target: CommandTarget): boolean {
  return Buffer.byteLength(JSON.stringify(target)) > MAX_CHOSEN_IDS_IN_BYTES;
}
