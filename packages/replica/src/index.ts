export { type CommandCounters } from "./command-executor.ts";
export { type FaultPorts } from "./faults/fault-set.ts";
export { FaultRefusedError } from "./fault-refused-error.ts";
export { type HangOptions, type HangSwitch } from "./ports/hang-switch.ts";
export { type LoadGenerator, type LoadOptions } from "./ports/load-generator.ts";
export { type RedisBlockOptions, type RedisBlockSwitch } from "./ports/redis-block-switch.ts";
export { type TokenExpiryOptions, type TokenExpirySwitch } from "./ports/token-expiry-switch.ts";
export { emptyCloseReport } from "./empty-close-report.ts";
export {
  CloseExpiredError,
  type CloseOptions,
  type ConnectionSet,
  type RecoveryObservation,
} from "./ports/connection-set.ts";
export { type ReplicaBus, type ReplicaBusListener } from "./ports/replica-bus.ts";
export {
  Replica,
  type CloseReplicaOptions,
  type ReplicaCounters,
} from "./replica.ts";
export { type ReplicaMemory, type ReplicaOptions } from "./replica-options.ts";
export { type ReplicaReport } from "./replica-reports.ts";
export { settledWithin } from "./settled-within.ts";
