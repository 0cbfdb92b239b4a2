import type { RedisEndpoint } from "../control/redis-control.ts";
import {
  findKernelSockets,
  readKernelAddress,
  type KernelSocket,
} from "../sockets/kernel-sockets.ts";
import { readKernelTables } from "../sockets/kernel-tables.ts";
import { ownInodes } from "../sockets/own-inodes.ts";
import { formatAddress } from "../sockets/tracked-connection.ts";

/** The connections of this process to one server, by their `address:port` at this end, as Redis writes it. */
export interface OwnConnections {
  readonly endpoint: RedisEndpoint;
  readonly established: readonly string[];
  readonly connecting: readonly string[];
}

/**
 * The connections that this process holds towards some servers at this moment, as the kernel knows them: whichever
 * thread or library opened them, and whether or not its event loop is alive. Servers without any are left out.
 * @returns null where the kernel cannot be asked: not Linux, or no /proc.
 */
export async function readOwnConnections(
  endpoints: readonly RedisEndpoint[],
): Promise<OwnConnections[] | null> {
  if (process.platform !== "linux") {
    return null;
  }
  try {
    const [tables, inodes] = await Promise.all([readKernelTables(), ownInodes()]);
    const find = (endpoint: RedisEndpoint, state: "established" | "connecting"): string[] =>
      tables
        .flatMap((table) => findKernelSockets(table, endpoint, state))
        .filter(({ inode }) => inodes.has(inode))
        .map(addressOf);
    return endpoints
      .map((endpoint) => ({
        endpoint,
        established: find(endpoint, "established"),
        connecting: find(endpoint, "connecting"),
      }))
      .filter(({ established, connecting }) => established.length + connecting.length > 0);
  } catch {
    // A container may hide /proc: nothing is known then, and nothing may be done on a guess.
    return null;
  }
}

function addressOf({ localAddress, localPort }: KernelSocket): string {
  return formatAddress(readKernelAddress(localAddress), localPort);
}
