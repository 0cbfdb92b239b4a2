import type { ReplicaOutcome } from "@fleetquake/contract";
import type { DryRunResult, InjectRequest } from "../inject-request.ts";
import { tally } from "../ledger/tally.ts";
import type { Refusal } from "../refusal.ts";
import type { Member } from "../roster/member.ts";

/**
 * What a request would do, by what the replicas reported last.
 * @param members whom it would be for; for percent and count another draw may choose others
 * @param refusal why it would be turned down at this moment, or null
 */
export function dryRunOf(
  request: InjectRequest,
  members: readonly Member[],
  refusal: Refusal | null,
): DryRunResult {
  const willing = members.filter((member) => member.report.allow.includes(request.order.fault));
  const sum = willing.reduce((total, { report }) => total + report.redis.connection_count, 0);
  return {
    would_close: Math.min(sum, Number.MAX_SAFE_INTEGER),
    would_be_refused:
      refusal === null
        ? null
        : { code: refusal.code, retry_after_ms: refusal.retryAfterInMs ?? null },
    fleet: { ...tally([]), expected: members.length },
    replicas: members.map((member) => outcomeOf(member)),
  };
}

function outcomeOf(member: Member): ReplicaOutcome {
  const { role, redis } = member.report;
  return {
    replica_id: member.replicaId,
    instance_id: member.instanceId,
    role,
    state: "pending",
    coverage: redis.unseen > 0 ? "partial" : "full",
    connections_closed: 0,
    connections: redis.connections,
    unseen: redis.unseen,
  };
}
