import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";
import { startRedis, type StartedRedis } from "./start-redis.ts";
import { until } from "./until.ts";

/** A Redis Cluster of three masters. */
export interface StartedRedisCluster extends AsyncDisposable {
  readonly nodes: readonly StartedRedis[];
}

const SLOT_RANGES = [
  ["0", "5460"],
  ["5461", "10922"],
  ["10923", "16383"],
] as const;

/** Starts the nodes, makes them meet, and waits until each of them finds the cluster complete. */
export async function startRedisCluster(): Promise<StartedRedisCluster> {
  const busPorts = await Promise.all(SLOT_RANGES.map(() => freePort()));
  const nodes = await Promise.all(
    busPorts.map((busPort) =>
      startRedis({
        args: ["--cluster-enabled", "yes", "--cluster-port", String(busPort)],
      }),
    ),
  );
  const admins = nodes.map(({ port }) => new Redis(port, "127.0.0.1"));
  try {
    await Promise.all(
      admins.map((admin, index) =>
        admin.call("CLUSTER", "ADDSLOTSRANGE", ...(SLOT_RANGES[index] ?? [])),
      ),
    );
    for (const [index, { port }] of nodes.entries()) {
      await admins[0]?.call("CLUSTER", "MEET", "127.0.0.1", port, busPorts[index] ?? 0);
    }
    await until(async () => {
      const states = await Promise.all(admins.map((admin) => admin.cluster("INFO")));
      return states.every(
        (state) => state.includes("cluster_state:ok") && state.includes("cluster_known_nodes:3"),
      );
    }, 20_000);
  } finally {
    for (const admin of admins) {
      admin.disconnect();
    }
  }
  return {
    nodes,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
