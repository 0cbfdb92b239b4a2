import type { Socket } from "node:net";
import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "./redis-client.ts";

/** The sockets that a client has at this moment. */
export function socketsOf(client: RedisClient): readonly Pick<Socket, "writable" | "destroy">[] {
  const clients = client instanceof Cluster ? client.nodes("all") : [client];
  // Undefined until the first attempt has made a socket, whatever the type says.
  return clients.flatMap(
    ({ stream }: { readonly stream: Redis["stream"] | undefined }) => stream ?? [],
  );
}
