export {
  BusUnavailableError,
  type CommandBus,
  type CommandBusListener,
  type Published,
  type PublishOptions,
} from "./ports/command-bus.ts";
export {
  LockContendedError,
  type FaultRecord,
  type FleetLock,
  type HeldFaultLock,
  type WithLockOptions,
} from "./ports/fleet-lock.ts";
