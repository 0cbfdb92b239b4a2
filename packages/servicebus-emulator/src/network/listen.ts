import { createServer, type Server, type Socket } from "node:net";

/** A port that is being listened on. */
export interface ListeningPort {
  readonly port: number;
  /** Stops listening and cuts every connection that came this way. */
  close(): Promise<void>;
}

/**
 * Listens for TCP connections.
 *
 * @throws Error with `cause` when the address cannot be had.
 */
export async function listen(
  host: string,
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<ListeningPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Without a listener the reset of a connection would end the process.
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });
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

async function bind(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new Error(`The broker cannot listen on ${host}:${port}.`, { cause }));
    });
    server.listen({ host, port, backlog: 1024 }, resolve);
  });
}
