import type { ClientListRow } from "../redis-inspector.ts";
import { CONNECTIONS_PER_WORKER } from "../settled-client-ids.ts";
import { waitFor } from "../wait-for.ts";
import { connectionOwners } from "./connection-owners.ts";
import type { MatrixFleet } from "./matrix-fleet.ts";

/** What an API holds that nobody asks for anything but a fault. */
const CONNECTIONS_PER_API = 1;
const SETTLED_WITHIN_IN_MS = 20_000;

/** The replica that holds a connection, by the connection's id in CLIENT LIST. */
export type Connections = ReadonlyMap<string, string>;

/**
 * Who holds which connection, by CLIENT LIST and the kernel, once every replica has all of its own and each of them has
 * sent a command.
 */
export async function settledConnections(matrix: MatrixFleet): Promise<Connections> {
  let seen = "";
  try {
    return await waitFor(
      async () => {
        const rows = await matrix.fleet.clientList();
        const connections = connectionsOf(matrix, rows);
        seen = rows
          .map(({ id, fields }) => `${id} ${connections.get(id)} ${fields["cmd"]}`)
          .join(", ");
        return isSettled(matrix, rows, connections) && connections;
      },
      { what: "all connections of each replica", timeoutInMs: SETTLED_WITHIN_IN_MS, pollInMs: 20 },
    );
  } catch (cause) {
    throw new Error(`The fleet's connections are not complete: ${seen}`, { cause });
  }
}

function connectionsOf(matrix: MatrixFleet, rows: readonly ClientListRow[]): Map<string, string> {
  const names = new Map(matrix.replicas.map(({ pid, name }) => [pid, name]));
  const owners = connectionOwners([...names.keys()], Number(new URL(matrix.fleet.redisUrl).port));
  return new Map(
    rows.toSorted(byId).map(({ id, addr }) => {
      const owner = owners.get(Number(addr.split(":").at(-1)));
      return [id, names.get(owner ?? 0) ?? "nobody"];
    }),
  );
}

/** CLIENT LIST's own order changes by itself. */
function byId(one: ClientListRow, other: ClientListRow): number {
  return Number(one.id) - Number(other.id);
}

function isSettled(
  matrix: MatrixFleet,
  rows: readonly ClientListRow[],
  connections: Connections,
): boolean {
  const owners = [...connections.values()];
  return (
    !owners.includes("nobody") &&
    rows.every(({ fields }) => fields["cmd"] !== "NULL") &&
    matrix.replicas.every(({ name }) => {
      const wanted = name.startsWith("api-") ? CONNECTIONS_PER_API : CONNECTIONS_PER_WORKER;
      return owners.filter((owner) => owner === name).length === wanted;
    })
  );
}
