import { CONTROL_NAME } from "../control/control-connection.ts";
import type { ClientName, RedisEndpoint } from "../control/redis-control.ts";
import { routeOf } from "../sockets/connection-picture.ts";
import type { OwnConnections } from "./own-connections.ts";
import type { SurveyedServer } from "./survey-server.ts";

/** Rows of one server's CLIENT LIST that are this process's connections. */
export interface OwnClients {
  readonly endpoint: RedisEndpoint;
  readonly clients: readonly ClientName[];
}

/** What stands of a process's connections, server by server. */
export interface OwnClientsFound {
  /** What can be closed; servers without are left out. */
  readonly servers: readonly OwnClients[];
  /** All connections of the application, also those that cannot be closed. */
  readonly routes: ReadonlySet<string>;
}

/**
 * Picks the application's connections among the clients of the servers. The kernel has to be asked after the servers:
 * then a row whose address has become ours only meanwhile has an id that is closed, and closing it does nothing.
 * @param controls addresses of the agent's own connections; others of that name are left alone too.
 */
export function findOwnClients(
  surveyed: readonly SurveyedServer[],
  own: readonly OwnConnections[],
  controls: readonly string[],
): OwnClientsFound {
  const spared = new Set(controls);
  for (const { name, address } of surveyed.flatMap(({ rows }) => rows)) {
    if (name === CONTROL_NAME) {
      spared.add(address);
    }
  }
  const servers: OwnClients[] = [];
  const routes = new Set<string>();
  for (const { endpoint, established, connecting } of own) {
    const ours = new Set(established.filter((address) => !spared.has(address)));
    for (const address of [...ours, ...connecting]) {
      routes.add(routeOf(address, endpoint));
    }
    const server = surveyed.find((candidate) => isSame(candidate.endpoint, endpoint));
    const clients = (server?.rows ?? []).filter(({ address }) => ours.has(address));
    if (clients.length > 0) {
      servers.push({ endpoint, clients });
    }
  }
  return { servers, routes };
}

function isSame(one: RedisEndpoint, other: RedisEndpoint): boolean {
  return one.host === other.host && one.port === other.port;
}
