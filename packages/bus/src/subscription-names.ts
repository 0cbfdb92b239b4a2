import { createHash } from "node:crypto";

/**
 * The name of a replica's subscription to the commands: `r-` and 16 hexadecimal digits.
 * It depends on the instance, so that a restarted process never gets its predecessor's commands.
 */
export function replicaSubscriptionName(replicaId: string, instanceId: string): string {
  return `r-${digest(replicaId + instanceId)}`;
}

/** The name of an API replica's subscription to the events: `a-` and 16 hexadecimal digits. */
export function issuerSubscriptionName(issuer: string): string {
  return `a-${digest(issuer)}`;
}

/** Names of subscriptions end at 50 characters, identifiers of replicas at 256: a digest fits always. */
function digest(identity: string): string {
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}
