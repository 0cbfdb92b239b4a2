import {
  startBroker,
  type BrokerOptions,
  type RunningBroker,
} from "@fleetquake/servicebus-emulator";
import { Redis } from "ioredis";
import { joinFleetBus, type FleetBus } from "./join-fleet-bus.ts";
import { startRedis, type StartedRedis } from "./start-redis.ts";

/** What an agent needs around it: a broker, a Redis, somebody who commands, somebody who watches. */
export interface AgentWorld extends AsyncDisposable {
  readonly broker: RunningBroker;
  readonly redis: StartedRedis;
  readonly fleet: FleetBus;
  /** Environment of a host application. */
  readonly env: Readonly<Record<string, string>>;
  /** The ids of the application's clients as Redis sees them. */
  clientIds(name?: string): Promise<string[]>;
}

/** Starts the world around an agent. */
export async function startAgentWorld(options: BrokerOptions = {}): Promise<AgentWorld> {
  const broker = await startBroker(options);
  const redis = await startRedis();
  const fleet = await joinFleetBus(broker.connectionString);
  const observer = new Redis(redis.url, { connectionName: "observer" });
  return {
    broker,
    redis,
    fleet,
    env: {
      APP_REDIS_URL: redis.url,
      FLEETQUAKE_BUS_CONNECTION_STRING: broker.connectionString,
      FLEETQUAKE_REPLICA_ID: "host-1",
    },
    async clientIds(name = "host-app") {
      const rows = String(await observer.client("LIST")).split("\n");
      // By number: the list's own order changes by itself, since Redis's housekeeping rotates it.
      return rows
        .flatMap((row) =>
          row.includes(` name=${name} `) ? [/^id=(\d+)/.exec(row)?.[1] ?? ""] : [],
        )
        .toSorted((a, b) => Number(a) - Number(b));
    },
    async [Symbol.asyncDispose]() {
      observer.disconnect();
      await fleet[Symbol.asyncDispose]();
      await Promise.all([broker.stop(), redis.stop()]);
    },
  };
}
