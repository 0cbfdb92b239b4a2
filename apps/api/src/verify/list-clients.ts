import type { RedisClient } from "@fleetquake/redis";
import type { SampleStore } from "../ports/sample-store.ts";

/** Clients of the server by the address that it sees them at; ids are never used twice. */
export type ClientIds = ReadonlyMap<string, string>;

/** What the server says of its clients; null with the reason when it cannot be asked. */
export type ClientListing =
  | { readonly ok: true; readonly ids: ClientIds }
  | { readonly ok: false; readonly why: string };

/** Only this waits for Redis under /chaos, and only where the caller asked for it. */
const TIMEOUT_IN_MS = 1_500;
const ROW = /^id=(?<id>\d+) addr=(?<address>\S+) /;

/** Reads CLIENT LIST over a connection of the sample; never rejects, bounded by 1.5 s. */
export async function listClients(store: SampleStore): Promise<ClientListing> {
  if (store === null) {
    return { ok: false, why: "Redis is disabled in this API" };
  }
  try {
    const texts = await store.run(
      (client) => Promise.all(serversOf(client).map((server) => server.client("LIST"))),
      { timeoutInMs: TIMEOUT_IN_MS },
    );
    return { ok: true, ids: readIds(texts.join("\n")) };
  } catch (error) {
    const cause = error instanceof Error ? error.message : "unknown";
    return { ok: false, why: `CLIENT LIST could not be read: ${cause}` };
  }
}

/** Of a cluster every node has clients of its own. */
function serversOf(client: RedisClient): readonly Pick<RedisClient, "client">[] {
  return "nodes" in client ? client.nodes("all") : [client];
}

function readIds(text: string): ClientIds {
  const ids = new Map<string, string>();
  for (const line of text.split("\n")) {
    const { id, address } = ROW.exec(line)?.groups ?? {};
    if (id !== undefined && address !== undefined) {
      ids.set(address, id);
    }
  }
  return ids;
}
