import { randomUUID } from "node:crypto";
import type { ReplicaBus } from "@fleetquake/replica";
import { createCoordinatorTransport, type CoordinatorTransport } from "../coordinator-transport.ts";
import { createReplicaBus } from "../replica-bus.ts";
import type { ConformanceBroker } from "./conformance-broker.ts";
import { RecordedCoordinator, RecordedReplica, until } from "./recorded-listeners.ts";

/** An API replica's side of the bus. */
export interface StartedApi {
  readonly issuer: string;
  readonly transport: CoordinatorTransport;
  readonly heard: RecordedCoordinator;
}

/** A replica's side of the bus. */
export interface StartedReplica extends AsyncDisposable {
  readonly replicaId: string;
  readonly instanceId: string;
  readonly bus: ReplicaBus;
  readonly heard: RecordedReplica;
}

/** Closed together. */
export interface Started<T> extends AsyncDisposable {
  readonly members: readonly T[];
  /** @throws when there are not so many. */
  at(index: number): T;
}

/** Starts API replicas and waits until they are connected. */
export async function startApis(
  { connection }: ConformanceBroker,
  count: number,
  options: { readonly createsSubscriptions?: boolean } = {},
): Promise<Started<StartedApi>> {
  const members = await Promise.all(
    Array.from({ length: count }, async (): Promise<StartedApi> => {
      const issuer = `api-${randomUUID()}`;
      const transport = createCoordinatorTransport({ connection, issuer, ...options });
      const heard = new RecordedCoordinator();
      await transport.bus.start(heard);
      await until("the API's connection", () => transport.bus.connected);
      return { issuer, transport, heard };
    }),
  );
  return started(members, ({ transport }) => transport.bus.close());
}

/** Starts replicas and waits until they are connected. */
export async function startReplicas(
  broker: ConformanceBroker,
  count: number,
): Promise<Started<StartedReplica>> {
  const members = await Promise.all(Array.from({ length: count }, () => startReplica(broker)));
  return started(members, ({ bus }) => bus.close());
}

/** Starts a replica; one that creates its own subscription is waited for. */
export async function startReplica(
  { connection }: ConformanceBroker,
  options: {
    readonly replicaId?: string;
    readonly instanceId?: string;
    readonly createsSubscription?: boolean;
  } = {},
): Promise<StartedReplica> {
  const identity = { replicaId: randomUUID(), instanceId: randomUUID(), ...options };
  const bus = createReplicaBus({ connection, ...identity });
  const heard = new RecordedReplica();
  await bus.start(heard);
  if (options.createsSubscription !== false) {
    await until("the replica's connection", () => bus.connected);
  }
  return { ...identity, bus, heard, [Symbol.asyncDispose]: () => bus.close() };
}

function started<T>(members: readonly T[], close: (member: T) => Promise<void>): Started<T> {
  return {
    members,
    at: (index) => {
      const member = members[index];
      if (member === undefined) {
        throw new Error(`There are only ${members.length}`);
      }
      return member;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map(close));
    },
  };
}
