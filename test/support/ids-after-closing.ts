import { setTimeout as pause } from "node:timers/promises";

const SEEN_WITHIN_IN_MS = 2_000;
const POLL_IN_MS = 25;

interface ListsClients {
  clientIds(): Promise<readonly string[]>;
}

/**
 * The ids in CLIENT LIST once so many of those from before are gone, or else what it shows after two seconds. On a busy machine
 * the kernel may deliver a question to Redis before resets that were sent earlier by other processes. No id comes back,
 * so that what was not closed is still there at the end.
 */
export async function idsAfterClosing(
  source: ListsClients,
  { before, closed }: { readonly before: readonly string[]; readonly closed: number },
): Promise<ReadonlySet<string>> {
  const endInMs = performance.now() + SEEN_WITHIN_IN_MS;
  for (;;) {
    const ids = new Set(await source.clientIds());
    const gone = before.filter((id) => !ids.has(id)).length;
    if (gone >= closed || performance.now() > endInMs) {
      return ids;
    }
    await pause(POLL_IN_MS);
  }
}
