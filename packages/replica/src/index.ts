export {
  CloseExpiredError,
  type CloseOptions,
  type ConnectionSet,
  type RecoveryObservation,
} from "./ports/connection-set.ts";
export { type ReplicaBus, type ReplicaBusListener } from "./ports/replica-bus.ts";
