import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

import type { TlsOptions } from "../broker-options.ts";

/** A port that is being listened on. */
export interface ListeningPort {
  readonly port: number;
  /** Stops listening and cuts every connection that came this way. */
  close(): Promise<void>;
}

/** Where to listen, and for what. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined for TCP without TLS. */
  readonly tls: TlsOptions | undefined;
}

/** A client that has not agreed on TLS within this time is not one. */
const handshakeTimeoutInMs = 10_000;

/**
 * Listens for connections over TCP, with TLS or without.
 *
 * @throws Error with `cause` when the address cannot be had.
 */
export async function listen(
  { host, port, tls }: ListenOptions,
  onConnection: (socket: Socket) => void,
): Promise<ListeningPort> {
  const sockets = new Set<Socket>();
  const guarded = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Without a listener the reset of a connection would end the process.
    socket.on("error", () => socket.destroy());
  };
  const take = (socket: Socket): void => {
    guarded(socket);
    onConnection(socket);
  };
  const server =
    tls === undefined ? createServer({ noDelay: true }, take) : tlsServer(tls, guarded, take);
  await bind(server, host, port);
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("The server has no TCP address.");
  }
  return {
    port: address.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

/** Destroying the TCP socket ends the TLS one on top of it, so both are kept. */
function tlsServer(
  { cert, key }: TlsOptions,
  guarded: (socket: Socket) => void,
  take: (socket: Socket) => void,
): Server {
  const options = { cert, key, noDelay: true, handshakeTimeout: handshakeTimeoutInMs };
  const server = createTlsServer(options, take);
  server.on("connection", guarded);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

async function bind(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new Error(`The broker cannot listen on ${host}:${port}.`, { cause }));
    });
    server.listen({ host, port, backlog: 1024 }, resolve);
  });
}
