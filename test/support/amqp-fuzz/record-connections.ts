import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/**
 * Runs `work` with a connection string that leads through a proxy, and returns what each of its connections has sent
 * until then.
 */
export async function recordConnections(
  connectionString: string,
  work: (connectionString: string) => Promise<void>,
): Promise<readonly Buffer[]> {
  const port = Number(/127\.0\.0\.1:(?<port>\d+)/u.exec(connectionString)?.groups?.["port"]);
  const recordings: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const proxy = createServer((client) => {
    const chunks: Buffer[] = [];
    recordings.push(chunks);
    const broker = connect({ port, host: "127.0.0.1", noDelay: true });
    keep(client);
    keep(broker);
    client.on("data", (chunk: Buffer) => chunks.push(chunk));
    client.pipe(broker).pipe(client);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  try {
    const address = proxy.address();
    const proxyPort = typeof address === "object" ? address?.port : undefined;
    await work(connectionString.replace(`:${port}`, `:${proxyPort}`));
  } finally {
    proxy.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  }
  return recordings.map((chunks) => Buffer.concat(chunks));
}
