import { AmqpError } from "../amqp/amqp-error.ts";
import type { BrokerContext, EntityContext } from "./broker-context.ts";
import type { EntityOrigin, KeptEntity } from "./change.ts";
import { entityExists, entityNotFound, invalidEntity } from "./entity-error.ts";
import {
  type EntityPath,
  formatPath,
  isEntityName,
  isSubscriptionName,
  nameKey,
} from "./entity-name.ts";
import type {
  QueueOptions,
  ReceivingOptions,
  SubscriptionOptions,
  TopicOptions,
} from "./entity-options.ts";
import { entityDisabled, statusAllows } from "./entity-status.ts";
import { checkForwarding, forwardTo } from "./forwarding.ts";
import { Queue } from "./queue.ts";
import { Subscription } from "./subscription.ts";
import { Topic } from "./topic.ts";

/** Anything that a link can lead to. */
export type Entity = Queue | Topic | Subscription;

/** All entities of a broker, by name without regard to case. */
export class Namespace {
  readonly #context: Omit<EntityContext, "origin">;
  readonly #entities = new Map<string, Queue | Topic>();

  constructor(context: BrokerContext) {
    this.#context = {
      clock: context.clock,
      lockTokens: context.lockTokens,
      faults: context.faults,
      changes: context.changes,
      notFoundText: (path) => context.notFoundText(path),
      forward: (target, arrival) => forwardTo(target, arrival, (path) => this.find(path)),
    };
  }

  get queues(): readonly Queue[] {
    return [...this.#entities.values()].filter((entity) => entity.kind === "queue");
  }

  get topics(): readonly Topic[] {
    return [...this.#entities.values()].filter((entity) => entity.kind === "topic");
  }

  /** @throws EntityError when the name is none or taken, or an option is out of range. */
  createQueue(name: string, options: QueueOptions): Queue {
    this.#checkName(name);
    this.#checkForwarding(name, options);
    const queue = new Queue(name, options, this.#contextFor(this.#newOrigin()));
    this.#entities.set(nameKey(name), queue);
    this.#keep(queue);
    return queue;
  }

  /** @throws EntityError when the name is none or taken, or an option is out of range. */
  createTopic(name: string, options: TopicOptions): Topic {
    this.#checkName(name);
    const topic = new Topic(name, options, this.#contextFor(this.#newOrigin()));
    this.#entities.set(nameKey(name), topic);
    this.#keep(topic);
    return topic;
  }

  /**
   * Creates a subscription without rules.
   *
   * @throws EntityError when there is no such topic, the name is none or taken, or an option is out
   * of range.
   */
  createSubscription(topicName: string, name: string, options: SubscriptionOptions): Subscription {
    const topic = this.topic(topicName);
    if (!isSubscriptionName(name)) {
      throw invalidEntity(`'${name}' is not a subscription name.`);
    }
    if (topic.subscription(name) !== undefined) {
      throw entityExists(`${topicName}/Subscriptions/${name}`);
    }
    this.#checkForwarding(`${topicName}/Subscriptions/${name}`, options);
    const context = this.#contextFor(this.#newOrigin());
    const subscription = new Subscription({ topic: topic.name, name }, options, context);
    topic.subscriptions.set(nameKey(name), subscription);
    topic.use.touch();
    this.#keep(subscription);
    return subscription;
  }

  /** Puts an entity back that was there before a restart; where it forwards to may come later. */
  restore(kept: KeptEntity): Entity {
    const context = this.#contextFor(kept);
    switch (kept.type) {
      case "queue": {
        const queue = new Queue(kept.name, kept.options, context);
        this.#entities.set(nameKey(kept.name), queue);
        return queue;
      }
      case "topic": {
        const topic = new Topic(kept.name, kept.options, context);
        this.#entities.set(nameKey(kept.name), topic);
        return topic;
      }
      case "subscription": {
        const subscription = new Subscription(kept, kept.options, context);
        this.topic(kept.topic).subscriptions.set(nameKey(kept.name), subscription);
        return subscription;
      }
    }
  }

  /** The entity that a path leads to, if there is one. */
  find(path: EntityPath): Entity | undefined {
    if (path.kind === "entity") {
      return this.#entities.get(nameKey(path.name));
    }
    const topic = this.#entities.get(nameKey(path.topic));
    return topic?.kind === "topic" ? topic.subscription(path.name) : undefined;
  }

  /** @throws EntityError when there is no topic of this name. */
  topic(name: string): Topic {
    const entity = this.#entities.get(nameKey(name));
    if (entity?.kind !== "topic") {
      throw entityNotFound(name);
    }
    return entity;
  }

  /** Changes a queue's options. @throws EntityError when one is out of range or cannot be changed. */
  updateQueue(queue: Queue, options: QueueOptions): void {
    this.#checkForwarding(queue.name, options);
    queue.update(options);
    this.#statusChanged(queue, queue.name);
  }

  /** Changes a subscription's options. @throws EntityError as `updateQueue` does. */
  updateSubscription(subscription: Subscription, options: SubscriptionOptions): void {
    const { path } = subscription.mailbox;
    this.#checkForwarding(path, options);
    subscription.update(options);
    this.#statusChanged(subscription, path);
  }

  /** Changes a topic's options. @throws EntityError as `updateQueue` does. */
  updateTopic(topic: Topic, options: TopicOptions): void {
    topic.update(options);
    this.#statusChanged(topic, topic.name);
  }

  /**
   * Deletes an entity with its messages and subscriptions, and detaches its links: so a receiver
   * learns of it.
   *
   * @throws EntityError when there is none.
   */
  delete(path: EntityPath): void {
    const entity = this.find(path);
    if (entity === undefined) {
      throw entityNotFound(formatPath(path));
    }
    this.#remove(entity);
  }

  /** Delivers what waits and may go, after a fault held it back. */
  dispatch(): void {
    for (const queue of this.queues) {
      queue.mailbox.dispatch();
    }
    for (const topic of this.topics) {
      for (const subscription of topic.subscriptions.values()) {
        subscription.mailbox.dispatch();
      }
    }
  }

  /** Disposes of expired messages and of entities that have been idle for too long. */
  sweep(): void {
    for (const entity of this.#entities.values()) {
      entity.intake.sweep();
      if (entity.kind === "queue") {
        this.#sweepOne(entity);
        continue;
      }
      for (const subscription of entity.subscriptions.values()) {
        this.#sweepOne(subscription);
      }
      const limit = entity.settings.autoDeleteOnIdleInMs;
      if (limit !== undefined && entity.subscriptions.size === 0 && entity.use.idleInMs >= limit) {
        this.#remove(entity);
      }
    }
  }

  /** Stops every timer of every entity; the broker is closing. */
  close(): void {
    for (const queue of this.queues) {
      queue.intake.close();
      queue.mailbox.close();
    }
    for (const topic of this.topics) {
      topic.intake.close();
      for (const subscription of topic.subscriptions.values()) {
        subscription.mailbox.close();
      }
    }
  }

  #sweepOne(entity: Queue | Subscription): void {
    const limit = entity.settings.autoDeleteOnIdleInMs;
    if (limit !== undefined && entity.use.idleInMs >= limit) {
      this.#remove(entity);
      return;
    }
    entity.mailbox.sweep();
  }

  #remove(entity: Entity): void {
    switch (entity.kind) {
      case "queue":
        this.#entities.delete(nameKey(entity.name));
        break;
      case "topic":
        this.#entities.delete(nameKey(entity.name));
        for (const subscription of entity.subscriptions.values()) {
          this.#end(subscription);
        }
        break;
      case "subscription":
        this.topic(entity.topicName).subscriptions.delete(nameKey(entity.name));
        break;
    }
    this.#end(entity);
  }

  #end(entity: Entity): void {
    const path = entity.kind === "topic" ? entity.name : entity.mailbox.path;
    if (entity.kind !== "topic") {
      entity.mailbox.close();
    }
    if (entity.kind !== "subscription") {
      entity.intake.close();
    }
    entity.use.detach(new AmqpError("amqp:not-found", this.#context.notFoundText(path)));
    this.#context.changes?.note({ kind: "entity-removed", entity: entity.kept.id });
  }

  #keep(entity: Entity): void {
    this.#context.changes?.note({ kind: "entity-set", entity: entity.kept });
  }

  #contextFor({ id, createdAt, updatedAt }: EntityOrigin): EntityContext {
    return { ...this.#context, origin: { id, createdAt, updatedAt } };
  }

  #newOrigin(): EntityOrigin {
    const now = this.#context.clock.now();
    return { id: this.#context.changes?.nextEntityId() ?? 0, createdAt: now, updatedAt: now };
  }

  /**
   * Ends the links of receivers when the entity is not open for them any more. Senders stay: each
   * message is refused as it comes, because the SDK hears nothing of a message that crosses the
   * detach of its link, and waits for the answer until its time is over.
   */
  #statusChanged(entity: Entity, path: string): void {
    if (!statusAllows(entity.settings.status, "Listen")) {
      entity.use.detach(entityDisabled(path), { operation: "Listen" });
    }
    entity.use.touch();
    this.#keep(entity);
  }

  #checkForwarding(path: string, options: ReceivingOptions): void {
    checkForwarding(path, options, (target) => this.#entities.has(nameKey(target)));
  }

  #checkName(name: string): void {
    if (!isEntityName(name)) {
      throw invalidEntity(`'${name}' is not a valid entity name.`);
    }
    if (this.#entities.has(nameKey(name))) {
      throw entityExists(name);
    }
  }
}
