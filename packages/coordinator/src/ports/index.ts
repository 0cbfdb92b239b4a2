/** What a bus adapter implements; it needs nothing else of the coordinator, and a replica's process loads no more. */
export {
  BusUnavailableError,
  type CommandBus,
  type CommandBusListener,
  type EventOrigin,
  type Published,
  type PublishOptions,
} from "./command-bus.ts";
export {
  LockContendedError,
  type FleetLock,
  type HeldLock,
  type WithLockOptions,
} from "./fleet-lock.ts";
