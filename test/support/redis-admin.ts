import { once } from "node:events";
import { Redis } from "ioredis";

/** A client as the server lists it. */
export interface ListedClient {
  readonly id: string;
  readonly address: string;
  readonly name: string;
}

/** The test's own view of a Redis server; its connection is left out of every list. */
export interface RedisAdmin extends AsyncDisposable {
  readonly redis: Redis;
  /** All clients but this one and the agent's control connections. */
  applicationClients(): Promise<ListedClient[]>;
}

const OWN_NAME = "test-admin";
const CONTROL_NAME = "fleetquake-control";

export function openRedisAdmin(port: number): RedisAdmin {
  const redis = new Redis({ host: "127.0.0.1", port, connectionName: OWN_NAME });
  return {
    redis,
    async applicationClients() {
      const list = String(await redis.client("LIST"));
      // By id: the list's own order changes by itself, since Redis's housekeeping rotates it.
      const rows = list.trim().split("\n").map(readRow);
      rows.sort((a, b) => Number(a.id) - Number(b.id));
      return rows.filter(({ name }) => name !== OWN_NAME && name !== CONTROL_NAME);
    },
    async [Symbol.asyncDispose]() {
      if (redis.status !== "end") {
        const ended = once(redis, "end");
        redis.disconnect();
        await ended;
      }
    },
  };
}

/** By a connection that stands only meanwhile: one that stayed in a process that tracks its own would be adopted. */
export async function countApplicationClients(port: number): Promise<number> {
  await using admin = openRedisAdmin(port);
  return (await admin.applicationClients()).length;
}

function readRow(row: string): ListedClient {
  const field = (name: string): string => new RegExp(`\\b${name}=(\\S*)`, "u").exec(row)?.[1] ?? "";
  return { id: field("id"), address: field("addr"), name: field("name") };
}
