import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** How a connection ended as its server sees it: by a reset, or by an orderly end. */
export type SeenEnd = "reset" | "end";

/** A proxy in front of a port, which sees on the wire how each of its clients ends. */
export interface ResetObserver extends AsyncDisposable {
  readonly port: number;
  readonly ends: readonly SeenEnd[];
}

export async function observeResets(targetPort: number): Promise<ResetObserver> {
  const ends: SeenEnd[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    open.add(client).add(target);
    client.pipe(target).pipe(client);
    client.once("error", (error: NodeJS.ErrnoException) => {
      ends.push(error.code === "ECONNRESET" ? "reset" : "end");
      target.destroy();
    });
    client.once("end", () => ends.push("end"));
    target.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("a TCP server has no port");
  }
  return {
    port: address.port,
    ends,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) {
        socket.destroy();
      }
      await closed;
    },
  };
}
