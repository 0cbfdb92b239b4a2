import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import type { BrokerContext } from "./broker-context.ts";
import { nameKey } from "./entity-name.ts";
import type { TopicOptions } from "./entity-options.ts";
import { topicSettings, type TopicSettings } from "./entity-settings.ts";
import { EntityUse } from "./entity-use.ts";
import type { Subscription } from "./subscription.ts";

/** A topic: copies what it is sent to each subscription whose rules let it pass. */
export class Topic {
  readonly kind = "topic";
  readonly name: string;
  readonly options: TopicOptions;
  readonly settings: TopicSettings;
  readonly use: EntityUse;
  readonly createdAt: number;
  readonly subscriptions = new Map<string, Subscription>();
  readonly #context: BrokerContext;
  #lastSequenceNumber = 0;

  /** @throws EntityError when an option is out of range. */
  constructor(name: string, options: TopicOptions, context: BrokerContext) {
    this.name = name;
    this.options = options;
    this.settings = topicSettings(options);
    this.use = new EntityUse(context.clock);
    this.createdAt = context.clock.now();
    this.#context = context;
  }

  subscription(name: string): Subscription | undefined {
    return this.subscriptions.get(nameKey(name));
  }

  /** Takes messages and hands a copy of each to every subscription that wants it. */
  send(contents: readonly MessageContent[]): void {
    const enqueuedAt = this.#context.clock.now();
    for (const content of contents) {
      this.#lastSequenceNumber += 1;
      const sequenceNumber = this.#lastSequenceNumber;
      const message = new EnqueuedMessage(content, { sequenceNumber, enqueuedAt });
      for (const subscription of this.subscriptions.values()) {
        if (subscription.matches(content)) {
          subscription.mailbox.enqueue(message, this.settings.ttlInMs);
        }
      }
    }
  }
}
