/**
 * The settings of entities as Service Bus names them, durations as ISO 8601 text. What is not set
 * has Service Bus's default.
 */
export interface ReceivingOptions {
  /** How long a message or session stays locked: up to PT5M. @default "PT1M" */
  readonly lockDuration?: string;
  /** Deliveries before a message is dead-lettered: at least 1. @default 10 */
  readonly maxDeliveryCount?: number;
  /** @default false */
  readonly requiresSession?: boolean;
  /** Without limit unless set. */
  readonly defaultMessageTimeToLive?: string;
  /** Dead-letter messages whose time to live is over, instead of dropping them. @default false */
  readonly deadLetteringOnMessageExpiration?: boolean;
  /** Delete the entity after this time without use: at least PT5M. Never unless set. */
  readonly autoDeleteOnIdle?: string;
  /** Free text, up to 1024 characters. */
  readonly userMetadata?: string;
  /** "Active", "Disabled", "SendDisabled" or "ReceiveDisabled". @default "Active" */
  readonly status?: string;
  /** The queue or topic to which every message is passed on; it must exist. */
  readonly forwardTo?: string;
  /** The queue or topic to which dead letters are passed on; it must exist. */
  readonly forwardDeadLetteredMessagesTo?: string;
}

/** The settings of queues and topics about messages that are sent twice. */
export interface DuplicateDetectionOptions {
  /** Drop messages whose id was there within the window. Fixed at creation. @default false */
  readonly requiresDuplicateDetection?: boolean;
  /** From PT5S (over the admin REST PT20S, as in Azure) to P7D. @default "PT10M" */
  readonly duplicateDetectionHistoryTimeWindow?: string;
}

export interface QueueOptions extends ReceivingOptions, DuplicateDetectionOptions {}

export interface SubscriptionOptions extends ReceivingOptions {
  /** Dead-letter messages for which a SQL filter or action fails, instead of dropping them. @default true */
  readonly deadLetteringOnFilterEvaluationExceptions?: boolean;
}

export interface TopicOptions extends DuplicateDetectionOptions {
  readonly defaultMessageTimeToLive?: string;
  readonly autoDeleteOnIdle?: string;
  readonly userMetadata?: string;
  /** "Active", "Disabled" or "SendDisabled". @default "Active" */
  readonly status?: string;
}

/** A correlation filter in a configuration: every property that is set must be equal. */
export interface CorrelationFilterOptions {
  readonly correlationId?: string;
  readonly subject?: string;
  readonly messageId?: string;
  readonly to?: string;
  readonly replyTo?: string;
  readonly sessionId?: string;
  readonly replyToSessionId?: string;
  readonly contentType?: string;
  readonly applicationProperties?: Readonly<Record<string, string | number | boolean | Date>>;
}

/** A SQL filter in a configuration. */
export interface SqlFilterOptions {
  readonly sqlExpression: string;
}

/** A rule in a configuration. */
export interface RuleConfiguration {
  readonly name: string;
  /** A filter, or true or false for all or no messages. */
  readonly filter: boolean | CorrelationFilterOptions | SqlFilterOptions;
  /** A SQL action on the messages that pass; none unless set. */
  readonly action?: string;
}

export interface QueueConfiguration extends QueueOptions {
  readonly name: string;
}

export interface SubscriptionConfiguration extends SubscriptionOptions {
  readonly name: string;
  /** Without rules the subscription gets the default one, which lets every message pass. */
  readonly rules?: readonly RuleConfiguration[];
}

export interface TopicConfiguration extends TopicOptions {
  readonly name: string;
  readonly subscriptions?: readonly SubscriptionConfiguration[];
}

/** Entities to create when a broker starts. */
export interface EntityConfiguration {
  readonly queues?: readonly QueueConfiguration[];
  readonly topics?: readonly TopicConfiguration[];
}
