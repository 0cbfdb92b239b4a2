export { createCoordinator, type Coordinator } from "./coordinator.ts";
export { type CoordinatorOptions } from "./coordinator-options.ts";
export { type DryRunResult, type InjectRequest, type InjectResult } from "./inject-request.ts";
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
export { type Refusal } from "./refusal.ts";
