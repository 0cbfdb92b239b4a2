/** One key for a replica's instance. The length keeps two pairs with the same concatenation apart. */
export function instanceKey(replicaId: string, instanceId: string): string {
  return `${replicaId.length}:${replicaId}${instanceId}`;
}
