export { allowEmulator, type AdministrationPipelineOwner } from "./allow-emulator.ts";
export type {
  BrokerDescription,
  MessageCountDescription,
  ReceivingEntityDescription,
  SubscriptionDescription,
  TopicDescription,
} from "./broker-description.ts";
export type { BrokerOptions, DataOptions, TlsOptions } from "./broker-options.ts";
export { EntityError, type EntityErrorStatus } from "./entities/entity-error.ts";
export type {
  CorrelationFilterOptions,
  DuplicateDetectionOptions,
  EntityConfiguration,
  QueueConfiguration,
  QueueOptions,
  ReceivingOptions,
  RuleConfiguration,
  SqlFilterOptions,
  SubscriptionConfiguration,
  SubscriptionOptions,
  TopicConfiguration,
  TopicOptions,
} from "./entities/entity-options.ts";
export type { FaultDuration, FaultName, FaultOptions } from "./faults/fault-options.ts";
export { FaultRefusedError } from "./faults/fault-refused-error.ts";
export type { BrokerFaults, FaultReport } from "./faults/fault-switches.ts";
export type { JsonProblem } from "./json/json-problem.ts";
export type { AccessPolicy, AccessRight } from "./security/access-policy.ts";
export { type RunningBroker, startBroker } from "./start-broker.ts";
