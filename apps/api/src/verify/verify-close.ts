import type { LedgerEntry, Verification } from "@fleetquake/contract";
import type { ClientIds, ClientListing } from "./list-clients.ts";

/**
 * Compares what replicas claim to have closed with the server's own list of clients, read before and after.
 *
 * An address that the server never saw (NAT, a proxy, another server of a cluster) proves nothing: inconclusive, never a
 * guess. A client that is claimed closed and still has its id is a mismatch.
 */
export function verifyClose(
  entry: LedgerEntry,
  before: ClientListing,
  after: ClientListing,
): Verification {
  const claimed = entry.connections_closed;
  if (!before.ok || !after.ok) {
    const why = before.ok ? (after.ok ? "" : after.why) : before.why;
    return { claimed, confirmed: 0, unexplained: claimed, verdict: "inconclusive", why };
  }
  const addresses = entry.replicas.flatMap(({ closed_addresses }) => closed_addresses ?? []);
  const known = addresses.filter((address) => before.ids.has(address));
  const standing = known.filter((address) => stands(address, before.ids, after.ids));
  const confirmed = known.length - standing.length;
  const unexplained = Math.max(0, claimed - confirmed);
  const counts = { claimed, confirmed, unexplained };
  if (standing.length > 0) {
    const why = `${standing.length} clients that are claimed closed still stand: ${standing.slice(0, 5).join(", ")}`;
    return { ...counts, verdict: "mismatch", why };
  }
  if (unexplained > 0) {
    const why = `${unexplained} of ${claimed} closed connections were not in this server's list before: opened since, behind NAT or a proxy, or at another server`;
    return { ...counts, verdict: "inconclusive", why };
  }
  return { ...counts, verdict: "confirmed" };
}

function stands(address: string, before: ClientIds, after: ClientIds): boolean {
  return after.get(address) === before.get(address);
}
