import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import type { BrokerContext } from "./broker-context.ts";
import type { QueueOptions } from "./entity-options.ts";
import { type ReceivingSettings, receivingSettings } from "./entity-settings.ts";
import { EntityUse } from "./entity-use.ts";
import { Mailbox } from "./mailbox.ts";

/** A queue. */
export class Queue {
  readonly kind = "queue";
  readonly name: string;
  readonly options: QueueOptions;
  readonly settings: ReceivingSettings;
  readonly mailbox: Mailbox;
  readonly use: EntityUse;
  readonly createdAt: number;
  readonly #context: BrokerContext;
  #lastSequenceNumber = 0;

  /** @throws EntityError when an option is out of range. */
  constructor(name: string, options: QueueOptions, context: BrokerContext) {
    this.name = name;
    this.options = options;
    this.settings = receivingSettings(options);
    this.mailbox = new Mailbox(name, this.settings, context);
    this.use = new EntityUse(context.clock);
    this.createdAt = context.clock.now();
    this.#context = context;
  }

  /** Takes messages, all or none. @throws AmqpError when one of them may not be sent here. */
  send(contents: readonly MessageContent[]): void {
    for (const content of contents) {
      this.mailbox.check(content);
    }
    const enqueuedAt = this.#context.clock.now();
    for (const content of contents) {
      this.#lastSequenceNumber += 1;
      const sequenceNumber = this.#lastSequenceNumber;
      this.mailbox.enqueue(new EnqueuedMessage(content, { sequenceNumber, enqueuedAt }));
    }
  }
}
