import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { type Arrival, firstArrival } from "./arrival.ts";
import type { EntityContext } from "./broker-context.ts";
import type { KeptEntity } from "./change.ts";
import { nameKey } from "./entity-name.ts";
import type { TopicOptions } from "./entity-options.ts";
import { keptOptions, topicSettings, type TopicSettings } from "./entity-settings.ts";
import { entityLog } from "./entity-log.ts";
import { EntityUse } from "./entity-use.ts";
import { Intake } from "./intake.ts";
import type { Subscription } from "./subscription.ts";

/** A topic: copies what it is sent to each subscription whose rules let it pass. */
export class Topic {
  readonly kind = "topic";
  readonly name: string;
  readonly intake: Intake;
  readonly use: EntityUse;
  readonly createdAt: number;
  readonly subscriptions = new Map<string, Subscription>();
  readonly #context: EntityContext;
  #options: TopicOptions;
  #settings: TopicSettings;
  #updatedAt: number;

  /** @throws EntityError when an option is out of range. */
  constructor(name: string, options: TopicOptions, context: EntityContext) {
    this.name = name;
    this.#options = options;
    this.#settings = topicSettings(options);
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

  get options(): TopicOptions {
    return this.#options;
  }

  get settings(): TopicSettings {
    return this.#settings;
  }

  /** Milliseconds since 1970. */
  get updatedAt(): number {
    return this.#updatedAt;
  }

  subscription(name: string): Subscription | undefined {
    return this.subscriptions.get(nameKey(name));
  }

  /** The topic as it is kept over a restart. */
  get kept(): KeptEntity {
    const { name, createdAt, updatedAt } = this;
    const { id } = this.#context.origin;
    return { type: "topic", id, name, createdAt, updatedAt, options: this.#options };
  }

  /** Changes the options. @throws EntityError when one is out of range or cannot be changed. */
  update(options: TopicOptions): void {
    const changed = keptOptions(this.#options, options);
    this.#settings = topicSettings(changed);
    this.#options = changed;
    this.#updatedAt = this.#context.clock.now();
  }

  /** Takes messages and hands a copy of each to every subscription that wants it. */
  send(contents: readonly MessageContent[]): void {
    for (const content of contents) {
      this.intake.take(firstArrival(content));
    }
  }

  /** Takes messages for later; returns their numbers. */
  schedule(contents: readonly MessageContent[]): readonly number[] {
    return this.intake.schedule(contents);
  }

  /** Takes a message that another entity forwards. */
  take(arrival: Arrival): void {
    this.intake.take(arrival);
  }

  #deliver(arrival: Arrival, sequenceNumber: number): void {
    const { content, hops, enqueuedSequenceNumber, deadLetterSource } = arrival;
    const enqueuedAt = this.#context.clock.now();
    const enqueueing = { sequenceNumber, enqueuedAt, hops, enqueuedSequenceNumber };
    const message = new EnqueuedMessage(content, enqueueing);
    const options = {
      topicTtlInMs: this.#settings.ttlInMs,
      deadLetterSource,
      nextSequenceNumber: () => this.intake.nextSequenceNumber(),
    };
    for (const subscription of this.subscriptions.values()) {
      subscription.receive(message, options);
    }
  }
}
