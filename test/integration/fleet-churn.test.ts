import type { FleetStatus, RedisResetAnswer, ReplicaList } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seeEntities } from "../support/broker-endpoints.ts";
import { IS_FULL_SIZE } from "../support/fuzz/fuzz-seed.ts";
import { growthOf, type Holding, readHolding } from "../support/fuzz/growth.ts";
import { HAS_PROC } from "../support/process-tree.ts";
import { requestJson } from "../support/request-json.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";
import {
  type HostHolding,
  type ReplicaHost,
  startReplicaHost,
} from "../support/start-replica-host.ts";
import { type StartedRedis, startRedis } from "../support/start-redis.ts";
import {
  type BrokerHolding,
  startWatchedBroker,
  type WatchedBroker,
} from "../support/start-watched-broker.ts";
import { waitFor } from "../support/wait-for.ts";

const ROUNDS = IS_FULL_SIZE ? 50 : 9;
const REPLICAS_PER_ROUND = IS_FULL_SIZE ? 20 : 10;
/** Memory that the allocator keeps for later is no leak. */
const MOST_RESIDENT_GROWTH = 1.25;
/** In the short form the processes are still warming up. */
const MOST_REACHABLE_GROWTH = IS_FULL_SIZE ? 1.1 : 1.4;
const ROUND_TIMEOUT_IN_MS = 20_000;
/** How long the roster shows those who have left, and some housekeeping. */
const FORGOTTEN_AFTER_IN_MS = 660_000;

/** A timer or a socket of its own may just be on; what each round left behind would add up. */
function expectNothingLeft(counts: readonly number[]): void {
  expect(Math.min(...counts.slice(-3))).toBeLessThanOrEqual(Math.max(...counts.slice(0, 3)));
}

describe(`a fleet whose replicas have come and gone ${ROUNDS * REPLICAS_PER_ROUND} times`, () => {
  let redis: StartedRedis;
  let broker: WatchedBroker;
  let api: StartedApiProcess;
  let host: ReplicaHost;
  let subscriptionsBefore: readonly string[];
  let linkedBefore: { readonly connections: number; readonly links: number };
  const held = {
    broker: [] as BrokerHolding[],
    api: [] as Holding[],
    host: [] as HostHolding[],
    hostSeen: [] as Holding[],
  };

  beforeAll(
    async () => {
      redis = await startRedis();
      broker = await startWatchedBroker();
      api = await startApiProcess({
        REDIS_URL: redis.url,
        FLEETQUAKE_BUS_CONNECTION_STRING: broker.connectionString,
        FLEETQUAKE_REPLICA_ID: "api",
      });
      await waitFor(async () => (await ask("/readyz")).status === 200, {
        what: "warm roster",
        timeoutInMs: ROUND_TIMEOUT_IN_MS,
      });
      subscriptionsBefore = await subscriptionsOf(broker);
      const { connections, links } = await seeEntities(broker);
      linkedBefore = { connections, links };
      host = await startReplicaHost(broker.connectionString);
      const startedAtInMs = performance.now();
      for (let round = 0; round < ROUNDS; round += 1) {
        await comeAndGo(round);
      }
      const tookInMs = performance.now() - startedAtInMs;
      process.stdout.write(
        `${ROUNDS * REPLICAS_PER_ROUND} replicas came and went in ${(tookInMs / 1_000).toFixed(1)} s\n`,
      );
    },
    60_000 + ROUNDS * ROUND_TIMEOUT_IN_MS,
  );

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await api?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  async function ask(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    return await requestJson<unknown>(api.url + path);
  }

  async function status(): Promise<FleetStatus> {
    return (await requestJson<FleetStatus>(`${api.url}/chaos/status`)).body;
  }

  /** A round is over when the API has seen everybody come, and go. */
  async function comeAndGo(round: number): Promise<void> {
    expect(await host.start(`churn-${round}`, REPLICAS_PER_ROUND)).toBe(REPLICAS_PER_ROUND);
    await waitFor(async () => (await status()).fleet.active === REPLICAS_PER_ROUND + 1, {
      what: `everybody of round ${round} in the roster`,
      timeoutInMs: ROUND_TIMEOUT_IN_MS,
    });
    held.host.push(await host.stop());
    await waitFor(async () => (await status()).fleet.active === 1, {
      what: `nobody of round ${round} in the roster`,
      timeoutInMs: ROUND_TIMEOUT_IN_MS,
    });
    held.broker.push(await broker.holding());
    if (HAS_PROC) {
      held.api.push(readHolding(api.child.pid ?? 0));
      held.hostSeen.push(readHolding(host.pid));
    }
  }

  it("leaves no subscription, connection or link in the broker", async () => {
    const { connections, links } = await seeEntities(broker);
    const subscriptionsAfter = await subscriptionsOf(broker);
    expect(subscriptionsAfter).toEqual(subscriptionsBefore);
    expect(subscriptionsAfter.length).toBeGreaterThan(0);
    expect({ connections, links }).toEqual(linkedBefore);
    const reachable = growthOf(held.broker.map((one) => one.reachableInMb));
    const resources = growthOf(held.broker.map((one) => one.resources));
    process.stdout.write(
      `broker: reachable memory x${reachable.toFixed(3)}, resources x${resources.toFixed(2)}\n`,
    );
    expect(reachable).toBeLessThan(MOST_REACHABLE_GROWTH);
    expectNothingLeft(held.broker.map((one) => one.resources));
    expect(broker).toMatchObject({ isRunning: true, output: "" });
  });

  it("leaves no socket, server or timer in the process where the replicas were", () => {
    expect(held.host.map(({ resources }) => resources)).toEqual(held.host.map(() => []));
    const heap = growthOf(held.host.map((one) => one.heapUsedInMb));
    process.stdout.write(`process of the replicas: heap x${heap.toFixed(3)}\n`);
    expect(heap).toBeLessThan(MOST_REACHABLE_GROWTH);
  });

  it.skipIf(!HAS_PROC)("holds no more files and memory in any process (needs /proc)", () => {
    const seen = { broker: held.broker, api: held.api, host: held.hostSeen };
    for (const [name, holdings] of Object.entries(seen)) {
      const memory = growthOf(holdings.map(({ residentInMb }) => residentInMb));
      const files = holdings.map(({ descriptors }) => descriptors);
      process.stdout.write(
        `${name}: resident memory x${memory.toFixed(2)}, files ${files[0]} then ${files.at(-1)}\n`,
      );
      expect(memory).toBeLessThan(MOST_RESIDENT_GROWTH);
      expectNothingLeft(files);
    }
  });

  it("says of everybody who came that he has left, and counts none of them", async () => {
    const { body } = await requestJson<ReplicaList>(`${api.url}/chaos/replicas`);
    const churned = body.replicas.filter(({ replica_id }) => replica_id.startsWith("churn-"));
    expect(churned).toHaveLength(ROUNDS * REPLICAS_PER_ROUND);
    expect(new Set(churned.map(({ state }) => state))).toEqual(new Set(["left"]));
    expect((await status()).fleet).toMatchObject({ replicas: 1, active: 1, stale: 0 });
  });

  it("resets whoever is there, and expects nobody else", async () => {
    const { status: code, body } = await requestJson<RedisResetAnswer>(
      `${api.url}/chaos/redis-reset`,
      { method: "POST" },
    );
    expect([code, body.outcome, body.fleet.expected]).toEqual([200, "complete", 1]);
  });

  it("lets the process of the replicas end by itself, which has complained of nothing", async () => {
    expect(await host.ends()).toBe(0);
    expect(host.output).toBe("");
    expect(api.output()).toBe("");
  });

  it.skipIf(!IS_FULL_SIZE)(
    "forgets them after ten minutes (only at full size)",
    async () => {
      const ids = async (): Promise<readonly string[]> => {
        const { body } = await requestJson<ReplicaList>(`${api.url}/chaos/replicas`);
        return body.replicas.map(({ replica_id }) => replica_id);
      };
      await expect.poll(ids, { timeout: FORGOTTEN_AFTER_IN_MS, interval: 5_000 }).toEqual(["api"]);
    },
    FORGOTTEN_AFTER_IN_MS + 10_000,
  );
});

async function subscriptionsOf(broker: WatchedBroker): Promise<readonly string[]> {
  const { topics } = await seeEntities(broker);
  return topics.flatMap(({ name, subscriptions }) =>
    subscriptions.map((subscription) => `${name}/${subscription.name}`),
  );
}
