import type { Change, KeptEntity, KeptScheduled } from "../entities/change.ts";
import { nameKey, type SubQueue } from "../entities/entity-name.ts";
import type { QueuedMessage } from "../entities/queued-message.ts";
import type { Rule } from "../entities/rule.ts";

/** A message as it is kept. */
export interface KeptMessage {
  readonly queued: QueuedMessage;
  /** True while a receiver holds it under a lock of its own. */
  readonly isLocked: boolean;
}

/** What is kept of one entity. */
export interface EntityImage {
  entity: KeptEntity;
  /** By name without regard to case. */
  readonly rules: Map<string, Rule>;
  /** By sequence number. */
  readonly messages: Readonly<Record<SubQueue, Map<number, KeptMessage>>>;
  readonly scheduled: Map<number, KeptScheduled>;
  /** The moments of their first use in milliseconds since 1970, by message id, oldest first. */
  readonly usedIds: Map<string, number>;
  /** By session id. */
  readonly sessionStates: Map<string, Buffer>;
  /** The highest sequence number; a subscription shares that of its topic. */
  readonly numbers: { last: number };
}

/**
 * All that must survive a restart, brought up to date by each change: what a journal is read into, and
 * what its next, shorter version is written from.
 */
export class BrokerImage {
  readonly #entities = new Map<number, EntityImage>();
  #lastId = 0;

  /** In the order of their creation, so topics before their subscriptions. */
  get entities(): readonly EntityImage[] {
    return [...this.#entities.values()];
  }

  nextEntityId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Changes the image; what happened to an entity that is gone no longer matters. */
  apply(change: Change): void {
    if (change.kind === "entity-set") {
      this.#set(change.entity);
      return;
    }
    const image = this.#entities.get(change.entity);
    if (image === undefined) {
      return;
    }
    if (change.kind === "entity-removed") {
      this.#entities.delete(change.entity);
    } else {
      applyTo(image, change);
    }
  }

  #set(entity: KeptEntity): void {
    this.#lastId = Math.max(this.#lastId, entity.id);
    const known = this.#entities.get(entity.id);
    if (known !== undefined) {
      known.entity = entity;
      return;
    }
    this.#entities.set(entity.id, {
      entity,
      rules: new Map(),
      messages: { none: new Map(), deadLetter: new Map(), transferDeadLetter: new Map() },
      scheduled: new Map(),
      usedIds: new Map(),
      sessionStates: new Map(),
      numbers: this.#numbersFor(entity),
    });
  }

  #numbersFor(entity: KeptEntity): { last: number } {
    const topic =
      entity.type === "subscription"
        ? this.entities.find(
            (image) => image.entity.type === "topic" && image.entity.name === entity.topic,
          )
        : undefined;
    return topic?.numbers ?? { last: 0 };
  }
}

type InnerChange = Exclude<Change, { readonly kind: "entity-set" | "entity-removed" }>;

function applyTo(image: EntityImage, change: InnerChange): void {
  switch (change.kind) {
    case "rule-set":
      image.rules.set(nameKey(change.rule.name), change.rule);
      break;
    case "rule-removed":
      image.rules.delete(nameKey(change.name));
      break;
    case "message-put": {
      const { queued } = change;
      image.messages[change.box].set(queued.message.sequenceNumber, { queued, isLocked: false });
      useNumber(image, queued.message.sequenceNumber);
      break;
    }
    case "message-locked":
      lock(image.messages[change.box], change.sequenceNumber);
      break;
    case "message-removed":
      image.messages[change.box].delete(change.sequenceNumber);
      break;
    case "session-state-set":
      setState(image, change.sessionId, change.state);
      break;
    case "scheduled":
      image.scheduled.set(change.scheduled.sequenceNumber, change.scheduled);
      useNumber(image, change.scheduled.sequenceNumber);
      break;
    case "unscheduled":
      image.scheduled.delete(change.sequenceNumber);
      break;
    case "id-used":
      image.usedIds.set(change.messageId, change.at);
      break;
    case "ids-forgotten":
      forget(image.usedIds, change.until);
      break;
    case "number-used":
      useNumber(image, change.sequenceNumber);
      break;
  }
}

function lock(messages: Map<number, KeptMessage>, sequenceNumber: number): void {
  const kept = messages.get(sequenceNumber);
  if (kept !== undefined) {
    messages.set(sequenceNumber, { queued: kept.queued, isLocked: true });
  }
}

function setState(image: EntityImage, sessionId: string, state: Buffer | undefined): void {
  if (state === undefined) {
    image.sessionStates.delete(sessionId);
  } else {
    image.sessionStates.set(sessionId, state);
  }
}

function forget(usedIds: Map<string, number>, until: number): void {
  for (const [messageId, at] of usedIds) {
    if (at > until) {
      return;
    }
    usedIds.delete(messageId);
  }
}

function useNumber({ numbers }: EntityImage, sequenceNumber: number): void {
  numbers.last = Math.max(numbers.last, sequenceNumber);
}
