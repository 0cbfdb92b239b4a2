import { Socket, type NetConnectOpts } from "node:net";
import { markAsOwn } from "../sockets/own-socket.ts";
import { readObject } from "../sockets/read-method.ts";

/** What Node connects with below a socket, TLS or not. */
export interface HandlePrototypes {
  /** Has `connect` and `connect6`: (request, address, port). */
  readonly tcp: object;
  /** Unix sockets, named pipes; has `connect`: (request, path). */
  readonly pipe: object;
}

/** Nothing can be there. */
const NO_PATH = "/dev/null/fleetquake";

/**
 * Finds them by two sockets that are given up before they have connected: Node connects to an address only in its next
 * tick, and to the path there is nothing to connect to.
 * @returns null where this Node shows no handles, or forbids sockets.
 */
export function findHandlePrototypes(): HandlePrototypes | null {
  const tcp = prototypeBehind({ host: "127.0.0.1", port: 1 });
  const pipe = prototypeBehind({ path: NO_PATH });
  return tcp === null || pipe === null ? null : { tcp, pipe };
}

function prototypeBehind(target: NetConnectOpts): object | null {
  const probe = new Socket();
  markAsOwn(probe);
  probe.on("error", () => probe.destroy());
  try {
    probe.connect(target);
    const handle = readObject(probe, "_handle");
    const prototype: unknown = handle && Object.getPrototypeOf(handle);
    return typeof prototype === "object" ? prototype : null;
  } catch {
    // Node's permission model may forbid it; then the application connects to nothing either.
    return null;
  } finally {
    probe.destroy();
  }
}
