import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ReplicaIdentity } from "@fleetquake/contract";

export interface AgentIdentityOptions {
  /** Taken as it is; absent: `<replica of the container app, else host name>-<process id>`. */
  readonly replicaId?: string;
  readonly role: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allow: readonly string[];
  /** Name of the container app's replica, where there is one. */
  readonly hostReplicaName?: string;
}

/** Who this process is. The instance id is new with every call: a restarted process never gets its predecessor's commands. */
export function agentIdentity(options: AgentIdentityOptions): ReplicaIdentity {
  // The process id tells apart the processes of one container, forked children above all.
  const generated = `${options.hostReplicaName ?? hostname()}-${process.pid}`;
  return {
    replica_id: options.replicaId ?? generated,
    instance_id: randomUUID(),
    role: options.role,
    labels: { ...options.labels },
    allow: [...options.allow],
  };
}
