import type { ExpectedReplica } from "@fleetquake/contract";
import type { Member } from "../roster/member.ts";
import type { RosterRow } from "../roster/roster.ts";

/** Who can be counted on: a stale replica may be frozen, and a frozen one must show as silent. */
export function presentMembers(rows: readonly RosterRow[]): Member[] {
  return rows.filter((row) => row.state !== "left").map((row) => row.member);
}

/** The expected set as it is frozen when a command is published; two live instances of one id are two rows. */
export function expectedSet(members: readonly Member[]): ExpectedReplica[] {
  return members.map((member) => ({
    replica_id: member.replicaId,
    instance_id: member.instanceId,
    role: member.report.role,
  }));
}
