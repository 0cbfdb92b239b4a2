import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startConnectionsApp, type ConnectionsApp } from "../support/connections-app.ts";
import { openRedisAdmin, type ListedClient, type RedisAdmin } from "../support/redis-admin.ts";
import { startRedisCluster, type StartedRedisCluster } from "../support/start-redis-cluster.ts";
import { until } from "../support/until.ts";

let cluster: StartedRedisCluster;
let admins: RedisAdmin[];

beforeAll(async () => {
  cluster = await startRedisCluster();
  admins = cluster.nodes.map(({ port }) => openRedisAdmin(port));
});

afterAll(async () => {
  await Promise.all(admins.map((admin) => admin[Symbol.asyncDispose]()));
  await cluster[Symbol.asyncDispose]();
});

async function clientsOfAllNodes(): Promise<ListedClient[]> {
  return (await Promise.all(admins.map((admin) => admin.applicationClients()))).flat();
}

/** Waits until the ledger and the nodes' lists agree, and returns how many connections there are. */
async function agreedCount(app: ConnectionsApp): Promise<number> {
  let listed: string[] = [];
  await until(async () => {
    listed = (await clientsOfAllNodes()).map(({ address }) => address);
    const held = (await app.call("addresses")).map(({ localAddress }) => localAddress);
    return held.length === listed.length && listed.every((address) => held.includes(address));
  });
  return listed.length;
}

describe("the connections of an ioredis Cluster", () => {
  it.each([true, false])("are counted and closed on every node (force: %s)", async (force) => {
    await using app = await startConnectionsApp();
    await app.call("track", { control: {} });
    const ports = cluster.nodes.map(({ port }) => port);
    await app.call("open", "cluster", { ports });
    const count = await agreedCount(app);
    expect(count).toBeGreaterThanOrEqual(3);
    const before = await clientsOfAllNodes();
    for (const admin of admins) {
      expect(await admin.applicationClients()).not.toHaveLength(0);
    }

    const { report } = await app.call("close", { force });
    const drained = { drain_method: "server", drained: count, interrupted: 0 };
    expect(report).toMatchObject({
      coverage: "full",
      connections_closed: count,
      ...(force ? {} : drained),
    });
    const gone = new Set(before.map(({ id, address }) => `${id} ${address}`));
    await until(async () =>
      (await clientsOfAllNodes()).every(({ id, address }) => !gone.has(`${id} ${address}`)),
    );
    await app.call("open", "useCluster", {});
    expect(await agreedCount(app)).toBeGreaterThanOrEqual(3);
  });
});
