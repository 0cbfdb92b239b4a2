import { Redis } from "ioredis";

const CONNECT_TIMEOUT_IN_MS = 4_000;

/** A Redis server as the user is told of it. */
export interface RedisFacts {
  /** For example "7.0.15"; null when the server does not let us ask. */
  readonly version: string | null;
  /** `host:port`, without user and password. */
  readonly address: string;
}

/**
 * Connects once, asks for the version and leaves.
 * @throws Error that says why the server cannot be used, without its password.
 */
export async function inspectRedis(url: string): Promise<RedisFacts> {
  const address = redisAddress(url);
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_IN_MS,
    commandTimeout: CONNECT_TIMEOUT_IN_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let problem: Error | null = null;
  client.on("error", (error) => {
    problem ??= error;
  });
  try {
    await client.connect();
    await client.ping();
    return { version: await readVersion(client), address };
  } catch (error) {
    const why = problem ?? error;
    const reason = why instanceof Error ? why.message : String(why);
    throw new Error(`Redis at ${address} does not answer: ${reason}`, { cause: error });
  } finally {
    client.disconnect();
  }
}

/** `host:port` of a Redis URL. */
function redisAddress(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || "6379"}`;
}

async function readVersion(client: Redis): Promise<string | null> {
  try {
    const info = await client.info("server");
    return /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? null;
  } catch {
    // A user without the right to INFO is a fine user for the fleet.
    return null;
  }
}
