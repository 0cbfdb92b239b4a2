import {
  type BrokerOptions,
  type RunningBroker,
  startBroker,
} from "@fleetquake/servicebus-emulator";

import { connectClients, type ServiceBusClients } from "./service-bus-clients.ts";

/** A broker whose faults can be switched over HTTP, and clients of it. */
export interface FaultyBroker extends ServiceBusClients {
  readonly broker: RunningBroker;
  /** Asks one of the broker's own endpoints with its key, or as `credentials` say. */
  ask(method: string, path: string, options?: AskOptions): Promise<Response>;
}

/** How to ask. */
export interface AskOptions {
  readonly body?: unknown;
  /** `name:key`. */
  readonly credentials?: string;
}

const key = "a key for tests, nothing more";

/** Starts a broker with `--faults` and the queue `q`, and connects the SDK without retries. */
export async function startFaultyBroker(options: BrokerOptions = {}): Promise<FaultyBroker> {
  const broker = await startBroker({
    faults: true,
    sharedAccessKey: key,
    entities: { queues: [{ name: "q" }] },
    ...options,
  });
  const clients = connectClients(broker);
  return {
    broker,
    client: clients.client,
    admin: clients.admin,
    ask: async (method, path, { body, credentials } = {}) => {
      const user = credentials ?? `RootManageSharedAccessKey:${key}`;
      return await fetch(`${broker.adminUrl}${path}`, {
        method,
        headers: { authorization: `Basic ${Buffer.from(user).toString("base64")}` },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(10_000),
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const { name } of broker.faults.active) {
        broker.faults.stop(name);
      }
      await clients[Symbol.asyncDispose]();
      await broker.stop();
    },
  };
}
