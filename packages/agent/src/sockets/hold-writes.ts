import type { Socket } from "node:net";

/**
 * Makes a socket look as if it took no more writes, without closing it: ioredis then queues commands, node-redis keeps
 * them for the next connection. A client that writes nevertheless is not kept from it.
 */
export function holdWrites(socket: Socket): void {
  Object.defineProperty(socket, "writable", {
    value: false,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}

/** Ends a hold; harmless without one. */
export function releaseWrites(socket: Socket): void {
  // Streams have `writable` on their prototype.
  Reflect.deleteProperty(socket, "writable");
}
