import { Cluster, type Redis } from "ioredis";
import { ClientAuthentication, type ClientAuthenticationOptions } from "./client-authentication.ts";
import { redactCredentials } from "./redact-credentials.ts";
import type { RedisClient } from "./redis-client.ts";

/**
 * Keeps a client's live connections authenticated, and its errors free of credentials; also those of its nodes, and of
 * every copy that is made of it (BullMQ makes them). To be called right after it was made.
 * @param authentication null: its credentials do not change
 */
export function equipClient<C extends RedisClient>(
  client: C,
  authentication: ClientAuthenticationOptions | null,
): C {
  client.on("error", redactCredentials);
  if (client instanceof Cluster) {
    for (const node of client.nodes("all")) {
      equipClient(node, authentication);
    }
    client.on("+node", (node: Redis) => equipClient(node, authentication));
    const duplicate = client.duplicate.bind(client);
    client.duplicate = (...args) => equipClient(duplicate(...args), authentication);
    return client;
  }
  if (authentication !== null) {
    new ClientAuthentication(client, authentication).attach();
  }
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (...args) => equipClient(duplicate(...args), authentication);
  return client;
}
