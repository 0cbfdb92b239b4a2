import { isIP } from "node:net";
import type { ConnectionKind, RedisState } from "@fleetquake/contract";
import type { RecoveryObservation } from "@fleetquake/replica";
import type { RedisEndpoint } from "../control/redis-control.ts";
import type { EndpointName } from "./endpoint-set.ts";
import type { SocketLedger } from "./socket-ledger.ts";

/** A connection over TCP. */
export interface PicturedConnection {
  readonly route: string;
  readonly kind: ConnectionKind;
}

/**
 * What tells a connection of this machine from all others: both of its ends, since one local port may serve several
 * servers at a time.
 * @param address `address:port` of this end as Redis writes it
 */
export function routeOf(address: string, { host, port }: EndpointName): string {
  return `${address}>${host}:${port}`;
}

/** What the application's thread knows of the process's sockets to Redis, for a look at them from another thread. */
export interface SocketPicture {
  /** Every server that the process is known to use, by address. */
  readonly endpoints: readonly RedisEndpoint[];
  readonly connections: readonly PicturedConnection[];
  /** Connections over Unix sockets, which have no address of their own. */
  readonly unixConnections: number;
  /** Sockets of which it is not known whether they lead to Redis. */
  readonly unclassified: number;
  /** Of the newest connection. */
  readonly lastSerial: number;
}

/** The connections as the application's thread sees them, as data that crosses threads. */
export interface ConnectionPicture {
  readonly state: RedisState;
  readonly recovery: RecoveryObservation | null;
  /** When the close was that `recovery` is about, by the monotonic clock; null: there was none. */
  readonly recoverySinceInMs: number | null;
  readonly sockets: SocketPicture;
}

/** Takes the picture of a ledger's sockets. */
export function pictureSockets(ledger: SocketLedger): SocketPicture {
  const connections = ledger.connections();
  const tls = new Set<string>();
  for (const { endpoint } of connections) {
    if (endpoint?.tls === true) {
      tls.add(`${endpoint.host}\n${endpoint.port}`);
    }
  }
  const known = [...ledger.endpoints].filter(({ host, port }) => port !== 0 && isIP(host) !== 0);
  return {
    endpoints: known.map(({ host, port }) => ({ host, port, tls: tls.has(`${host}\n${port}`) })),
    connections: connections.flatMap(({ localAddress, endpoint, kind }) =>
      localAddress === null || endpoint === null
        ? []
        : [{ route: routeOf(localAddress, endpoint), kind }],
    ),
    unixConnections: connections.filter(({ endpoint }) => endpoint?.port === 0).length,
    unclassified: ledger.unclassifiedAdopted(),
    lastSerial: ledger.lastSerial,
  };
}
