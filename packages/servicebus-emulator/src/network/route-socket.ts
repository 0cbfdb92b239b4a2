import type { Socket } from "node:net";

import { sniffProtocol } from "./sniff-protocol.ts";

/** Who takes a connection once it is known what it speaks. The bytes read so far are put back. */
export interface SocketRoutes {
  amqp(socket: Socket): void;
  http(socket: Socket): void;
}

/** A client that has said nothing for this long is not one. */
const firstBytesTimeoutInMs = 10_000;

/** Serves AMQP and HTTP on one port, so that one connection string serves both of the SDK's clients. */
export function routeSocket(socket: Socket, routes: SocketRoutes): void {
  let start: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), firstBytesTimeoutInMs);
  timer.unref();
  const onData = (chunk: Buffer): void => {
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    const protocol = sniffProtocol(start);
    if (protocol === "undecided") {
      return;
    }
    clearTimeout(timer);
    socket.off("data", onData);
    if (protocol === "unknown") {
      socket.destroy();
      return;
    }
    socket.pause();
    socket.unshift(start);
    routes[protocol](socket);
    socket.resume();
  };
  socket.on("data", onData);
  socket.on("close", () => {
    clearTimeout(timer);
  });
}
