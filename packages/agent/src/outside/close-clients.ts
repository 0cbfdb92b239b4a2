import type { Clock, CloseReport } from "@fleetquake/contract";
import { MOST_CLOSED_ADDRESSES } from "@fleetquake/contract/plain";
import type { ClosingRedisControl } from "../control/redis-control.ts";
import { routeOf, type SocketPicture } from "../sockets/connection-picture.ts";
import { emptyCounts } from "../sockets/count-connections.ts";
import { pause } from "../sockets/within.ts";
import type { OwnClients, OwnClientsFound } from "./own-clients.ts";

/** A server closes at once what it is told to; one with threads for its sockets takes a moment. */
const LOOKS = 5;
const LOOK_EVERY_IN_MS = 20;
const CALL_TIMEOUT_IN_MS = 1_000;

export interface CloseClientsOptions {
  readonly control: ClosingRedisControl;
  readonly clock: Clock;
  /** What the application's thread knows of the connections. */
  readonly picture: SocketPicture;
  /** Whether the report names the addresses of what was closed. */
  readonly reportsAddresses: boolean;
}

/** Connections that Redis closed because it was told to. */
export interface OutsideClose {
  readonly report: CloseReport;
  /** How many of them the application's thread knew of, and will see come back. */
  readonly knownClosed: number;
  /** By the monotonic clock. */
  readonly closedAtInMs: number;
}

/**
 * Closes a process's connections by telling Redis to, and counts in CLIENT LIST what is gone. Bounded by its calls.
 * @throws with code `CLOSE_UNCONFIRMED` when no server says any more what became of it.
 */
export async function closeClients(
  { servers, routes }: OwnClientsFound,
  { control, clock, picture, reportsAddresses }: CloseClientsOptions,
): Promise<OutsideClose> {
  await Promise.all(
    servers.map(({ endpoint, clients }) =>
      control.kill(endpoint, { clients, timeoutInMs: CALL_TIMEOUT_IN_MS }),
    ),
  );
  const closedAtInMs = clock.monotonicInMs();
  const gone = await Promise.all(servers.map((server) => clientsGone(server, { control, clock })));
  if (gone.every((some) => some === null)) {
    const message = "Redis was told to close the connections and does not answer any more.";
    throw Object.assign(new Error(message), { code: "CLOSE_UNCONFIRMED" });
  }
  const closed = gone.flatMap((some) => some ?? []);
  const { report, knownClosed } = sumUp(closed, routes, picture);
  const addresses = closed.map(({ address }) => address).slice(0, MOST_CLOSED_ADDRESSES);
  return {
    report: { ...report, ...(reportsAddresses ? { closed_addresses: addresses } : {}) },
    knownClosed,
    closedAtInMs,
  };
}

interface ClosedClient {
  readonly address: string;
  readonly route: string;
}

/** The clients that are gone; null when the server does not say. */
async function clientsGone(
  { endpoint, clients }: OwnClients,
  { control, clock }: Pick<CloseClientsOptions, "control" | "clock">,
): Promise<readonly ClosedClient[] | null> {
  const ids = clients.map(({ id }) => id);
  let gone: readonly ClosedClient[] | null = null;
  for (let look = 1; look <= LOOKS && gone?.length !== clients.length; look += 1) {
    if (look > 1) {
      await pause(clock, LOOK_EVERY_IN_MS);
    }
    const rows = await control.clientList(endpoint, { ids, timeoutInMs: CALL_TIMEOUT_IN_MS });
    if (rows === null) {
      return gone;
    }
    const standing = new Set(rows.map(({ id }) => id));
    gone = clients
      .filter(({ id }) => !standing.has(id))
      .map(({ address }) => ({ address, route: routeOf(address, endpoint) }));
  }
  return gone;
}

function sumUp(
  closed: readonly ClosedClient[],
  held: ReadonlySet<string>,
  picture: SocketPicture,
): Pick<OutsideClose, "report" | "knownClosed"> {
  const counts = emptyCounts();
  const kinds = new Map(picture.connections.map(({ route, kind }) => [route, kind]));
  for (const { route } of closed) {
    counts[kinds.get(route) ?? "unknown"] += 1;
  }
  // Redis lists all clients of a Unix socket under one address: they cannot be told apart.
  const unseen = Math.max(0, held.size - closed.length) + picture.unixConnections;
  return {
    report: {
      coverage: unseen > 0 || picture.unclassified > 0 ? "partial" : "full",
      connections_closed: closed.length,
      connecting_aborted: 0,
      connections: counts,
      unseen,
      closed_by: "server",
    },
    knownClosed: closed.filter(({ route }) => kinds.has(route)).length,
  };
}
