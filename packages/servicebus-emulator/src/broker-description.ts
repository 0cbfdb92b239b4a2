/** How many messages an entity holds. */
export interface MessageCountDescription {
  readonly available: number;
  readonly locked: number;
  /** Put aside by a receiver. */
  readonly deferred: number;
  /** Sent to become available later; of a topic's subscription always 0. */
  readonly scheduled: number;
  readonly deadLettered: number;
}

/** A queue or subscription in a description. */
export interface ReceivingEntityDescription {
  readonly name: string;
  readonly messages: MessageCountDescription;
  readonly links: number;
}

export interface SubscriptionDescription extends ReceivingEntityDescription {
  readonly rules: readonly string[];
}

export interface TopicDescription {
  readonly name: string;
  readonly links: number;
  /** How many messages become available later. */
  readonly scheduled: number;
  readonly subscriptions: readonly SubscriptionDescription[];
}

/** What a broker holds at one moment, as plain JSON. */
export interface BrokerDescription {
  readonly connections: number;
  /** AMQP links of all connections, those to `$cbs` and `$management` included. */
  readonly links: number;
  readonly queues: readonly ReceivingEntityDescription[];
  readonly topics: readonly TopicDescription[];
}
