import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { type Arrival, firstArrival } from "./arrival.ts";
import type { EntityContext } from "./broker-context.ts";
import type { KeptEntity } from "./change.ts";
import type { QueueOptions } from "./entity-options.ts";
import { keptOptions, type QueueSettings, queueSettings } from "./entity-settings.ts";
import { entityLog } from "./entity-log.ts";
import { EntityUse } from "./entity-use.ts";
import { Intake } from "./intake.ts";
import { Mailbox } from "./mailbox.ts";

/** A queue. */
export class Queue {
  readonly kind = "queue";
  readonly name: string;
  readonly mailbox: Mailbox;
  readonly intake: Intake;
  readonly use: EntityUse;
  readonly createdAt: number;
  readonly #context: EntityContext;
  #options: QueueOptions;
  #settings: QueueSettings;
  #updatedAt: number;

  /** @throws EntityError when an option is out of range. */
  constructor(name: string, options: QueueOptions, context: EntityContext) {
    this.name = name;
    this.#options = options;
    this.#settings = queueSettings(options);
    this.mailbox = new Mailbox(name, this.#settings, context);
    this.intake = new Intake({
      clock: context.clock,
      log: entityLog(context),
      duplicateWindowInMs: () => this.#settings.duplicateWindowInMs,
      deliver: (arrival, sequenceNumber) => {
        this.#deliver(arrival, sequenceNumber);
      },
    });
    this.use = new EntityUse(context.clock);
    this.createdAt = context.origin.createdAt;
    this.#updatedAt = context.origin.updatedAt;
    this.#context = context;
  }

  get options(): QueueOptions {
    return this.#options;
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  /** Milliseconds since 1970. */
  get updatedAt(): number {
    return this.#updatedAt;
  }

  /** The queue as it is kept over a restart. */
  get kept(): KeptEntity {
    const { name, createdAt, updatedAt } = this;
    const { id } = this.#context.origin;
    return { type: "queue", id, name, createdAt, updatedAt, options: this.#options };
  }

  /** Changes the options. @throws EntityError when one is out of range or cannot be changed. */
  update(options: QueueOptions): void {
    const changed = keptOptions(this.#options, options);
    this.#settings = queueSettings(changed);
    this.#options = changed;
    this.#updatedAt = this.#context.clock.now();
    this.mailbox.update(this.#settings);
  }

  /** Takes messages, all or none. @throws AmqpError when one of them may not be sent here. */
  send(contents: readonly MessageContent[]): void {
    this.#check(contents);
    for (const content of contents) {
      this.intake.take(firstArrival(content));
    }
  }

  /** Takes messages for later; returns their numbers. @throws AmqpError as `send` does. */
  schedule(contents: readonly MessageContent[]): readonly number[] {
    this.#check(contents);
    return this.intake.schedule(contents);
  }

  /** Takes a message that another entity forwards. */
  take(arrival: Arrival): void {
    this.intake.take(arrival);
  }

  #check(contents: readonly MessageContent[]): void {
    for (const content of contents) {
      this.mailbox.check(content);
    }
  }

  #deliver(arrival: Arrival, sequenceNumber: number): void {
    const { content, hops, enqueuedSequenceNumber, deadLetterSource } = arrival;
    const enqueuedAt = this.#context.clock.now();
    const enqueueing = { sequenceNumber, enqueuedAt, hops, enqueuedSequenceNumber };
    this.mailbox.enqueue(new EnqueuedMessage(content, enqueueing), { deadLetterSource });
  }
}
