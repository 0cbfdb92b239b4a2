import type { Socket } from "node:net";

/** Shared between copies of this package, so that none of them closes another one's control connection. */
const OWN = Symbol.for("fleetquake.own-socket");

/** Marks a socket as the agent's own, before it connects: no ledger counts or closes it. */
export function markAsOwn(socket: Socket): void {
  Object.defineProperty(socket, OWN, { value: true });
}

/** Whether a socket is the agent's own. */
export function isOwn(socket: Socket): boolean {
  return Reflect.get(socket, OWN) === true;
}
