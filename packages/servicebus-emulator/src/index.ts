export { allowEmulator, type AdministrationPipelineOwner } from "./allow-emulator.ts";
export type {
  BrokerDescription,
  MessageCountDescription,
  ReceivingEntityDescription,
  SubscriptionDescription,
  TopicDescription,
} from "./broker-description.ts";
export type { BrokerOptions } from "./broker-options.ts";
export { EntityError, type EntityErrorStatus } from "./entities/entity-error.ts";
export type {
  CorrelationFilterOptions,
  DuplicateDetectionOptions,
  EntityConfiguration,
  QueueConfiguration,
  QueueOptions,
  ReceivingOptions,
  RuleConfiguration,
  SubscriptionConfiguration,
  SubscriptionOptions,
  TopicConfiguration,
  TopicOptions,
} from "./entities/entity-options.ts";
export type { AccessPolicy, AccessRight } from "./security/access-policy.ts";
export { type RunningBroker, startBroker } from "./start-broker.ts";
