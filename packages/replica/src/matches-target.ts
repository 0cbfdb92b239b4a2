import type { CommandTarget, ReplicaIdentity } from "@fleetquake/contract";

/** Whether a command is for this replica: every member of the target must fit, and an empty target is the whole fleet. */
export function matchesTarget(identity: ReplicaIdentity, target: CommandTarget): boolean {
  const { replicas, role, except_role: exceptRole, labels = {} } = target;
  return (
    (replicas === undefined || replicas.includes(identity.replica_id)) &&
    (role === undefined || role === identity.role) &&
    exceptRole !== identity.role &&
    Object.entries(labels).every(
      ([name, value]) => Object.hasOwn(identity.labels, name) && identity.labels[name] === value,
    )
  );
}
