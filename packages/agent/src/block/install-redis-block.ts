import { isIP, type Socket } from "node:net";
import type { BlockMode } from "@fleetquake/contract";
import { onEveryConnect } from "../sockets/connect-tap.ts";
import type { EndpointName, EndpointSet } from "../sockets/endpoint-set.ts";
import { isOwn } from "../sockets/own-socket.ts";
import { readObject } from "../sockets/read-method.ts";
import type { ConnectAttempt } from "./connect-attempt.ts";
import { onEveryAttempt } from "./connect-gate.ts";
import { HeldAttempts } from "./held-attempts.ts";
import type { RedisBlockCell } from "./redis-block-cell.ts";

export interface InstallRedisBlockOptions {
  readonly cell: RedisBlockCell;
  /** The servers that are kept out of reach; what is added later counts too. */
  readonly endpoints: EndpointSet;
}

/**
 * Holds this thread to the block that stands in a cell: new connections to Redis are refused or left unanswered, all
 * others pass, established ones are not touched. Without a block a new connection costs a look into the cell.
 *
 * Where Node does not show its attempts to connect, the cell stays unguarded.
 *
 * @returns ends it; what was left unanswered goes on.
 */
export function installRedisBlock({ cell, endpoints }: InstallRedisBlockOptions): Disposable {
  const ownHandles = new WeakSet<object>();
  const fateOf = ({ handle, endpoint }: ConnectAttempt): BlockMode | null => {
    const isAffected = !ownHandles.has(handle) && endpoints.has(endpoint);
    return isAffected ? cell.mode : null;
  };
  const held = new HeldAttempts((attempt) => fateOf(attempt) !== "drop");
  const leave = onEveryAttempt({
    get isShut() {
      return cell.mode !== null;
    },
    takes: (attempt) => meetFate(attempt, fateOf(attempt), held),
  });
  const stopListening = onEveryConnect({
    onConnect(socket, target) {
      if (cell.mode === null) {
        return;
      }
      const handle = readObject(socket, "_handle");
      if (isOwn(socket) && handle !== undefined) {
        ownHandles.add(handle);
      } else if (target.port !== 0 && isIP(target.host) === 0) {
        learnAddresses(socket, target, endpoints);
      }
    },
    onWrapped: () => undefined,
  });
  const unguard = leave === null ? null : cell.guard();
  return {
    [Symbol.dispose]() {
      unguard?.();
      stopListening();
      leave?.();
      held.releaseAll();
    },
  };
}

/** @returns whether the attempt was taken over. */
function meetFate(attempt: ConnectAttempt, fate: BlockMode | null, held: HeldAttempts): boolean {
  switch (fate) {
    case null:
      return false;
    case "refuse":
      attempt.refuse();
      return true;
    case "drop":
      return held.hold(attempt);
  }
}

/**
 * The block goes by addresses, an application by names: what a name of Redis leads to is Redis before the first
 * connection stands, and a new name for an address of Redis is one of its names, so that the ledger counts it.
 */
function learnAddresses(socket: Socket, target: EndpointName, endpoints: EndpointSet): void {
  const learn = (_error: unknown, host: unknown): void => {
    // A name with several addresses tells them one after the other, within one call.
    queueMicrotask(() => socket.off("lookup", learn));
    if (typeof host !== "string") {
      return;
    }
    const address = { host, port: target.port };
    if (endpoints.has(target)) {
      endpoints.add(address);
    } else if (endpoints.has(address)) {
      endpoints.add(target);
    }
  };
  socket.on("lookup", learn);
}
