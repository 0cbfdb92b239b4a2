export { createCoordinator, type Coordinator } from "./coordinator.ts";
export { type CoordinatorOptions } from "./coordinator-options.ts";
export { type FleetObserver } from "./fleet-observer.ts";
export {
  type CommandOrigin,
  type DryRunResult,
  type InjectRequest,
  type InjectResult,
  type RecoverRequest,
} from "./inject-request.ts";
export * from "./ports/index.ts";
export { type Refusal } from "./refusal.ts";
export {
  IdempotencyKeys,
  type ClaimedKey,
  type KeyedRequest,
  type KeyState,
} from "./idempotency/idempotency-keys.ts";
export { type IdempotencyRecord } from "./records/idempotency-record.ts";
