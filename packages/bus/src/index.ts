export { ensureTopology } from "./bus-administration.ts";
export { type BusConnection } from "./bus-connection.ts";
export {
  createCoordinatorBus,
  createCoordinatorTransport,
  createFleetLock,
  type CoordinatorBusOptions,
  type CoordinatorTransport,
} from "./coordinator-transport.ts";
export { createReplicaBus, type ReplicaBusOptions } from "./replica-bus.ts";
export { issuerSubscriptionName, replicaSubscriptionName } from "./subscription-names.ts";
export { TOPOLOGY } from "./topology.ts";
