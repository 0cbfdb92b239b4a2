export { type CommandCounters } from "./command-executor.ts";
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
  type ReplicaMemory,
  type ReplicaOptions,
} from "./replica.ts";
export { settledWithin } from "./settled-within.ts";
