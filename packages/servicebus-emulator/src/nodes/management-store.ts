import { AmqpError } from "../amqp/amqp-error.ts";
import type { SubQueue } from "../entities/entity-name.ts";
import type { Mailbox } from "../entities/mailbox.ts";
import type { Entity } from "../entities/namespace.ts";
import { PlainStore } from "../entities/plain-store.ts";
import type { SessionStore } from "../entities/session-store.ts";

/** A queue or subscription, or one of its queues of dead letters. */
export interface StoreAddress {
  readonly entity: Entity;
  readonly subQueue: SubQueue;
}

/** The messages of a mailbox at an address. */
export function storeOf(mailbox: Mailbox, subQueue: SubQueue): PlainStore | SessionStore {
  switch (subQueue) {
    case "none":
      return mailbox.messages;
    case "deadLetter":
      return mailbox.deadLetters;
    case "transferDeadLetter":
      return mailbox.transferDeadLetters;
  }
}

/** The messages that a request is about. @throws AmqpError for a topic, which has none. */
export function receivingStore({ entity, subQueue }: StoreAddress): PlainStore | SessionStore {
  if (entity.kind === "topic") {
    throw new AmqpError("amqp:not-allowed", "A topic holds no messages; its subscriptions do.");
  }
  return storeOf(entity.mailbox, subQueue);
}

/** The same where locks belong to messages. @throws AmqpError for an entity with sessions. */
export function plainStore(address: StoreAddress): PlainStore {
  const store = receivingStore(address);
  if (store instanceof PlainStore) {
    return store;
  }
  throw new AmqpError(
    "amqp:not-allowed",
    "Messages of an entity with sessions are locked with their session.",
  );
}
