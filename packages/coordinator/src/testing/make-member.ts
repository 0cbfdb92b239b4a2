import type { ReplicaState } from "@fleetquake/contract";
import { reportOf, type Member } from "../roster/member.ts";
import { replicaState } from "./messages.ts";

/** A member of the roster; whatever a test does not name is ordinary. */
export function makeMember(
  replicaId: string,
  state: Partial<ReplicaState> = {},
  overrides: Partial<Member> = {},
): Member {
  const report = reportOf(replicaState({ replica_id: replicaId, ...state }));
  return {
    replicaId,
    instanceId: report.instance_id,
    report,
    firstHeardInMs: 0,
    lastHeardInMs: 0,
    heardAtMonotonicInMs: 0,
    saidByeInMs: null,
    supersededInMs: null,
    welcomedInMs: null,
    ...overrides,
  };
}
