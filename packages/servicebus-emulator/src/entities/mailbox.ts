import { AmqpError } from "../amqp/amqp-error.ts";
import { stringValue } from "../amqp/encode-value.ts";
import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import type { RawPair } from "../messages/raw-pairs.ts";
import type { BrokerContext } from "./broker-context.ts";
import type { ReceivingSettings } from "./entity-settings.ts";
import { PlainStore } from "./plain-store.ts";
import type { DeadLetterReason, QueuedMessage } from "./queued-message.ts";
import { SessionStore } from "./session-store.ts";
import type { StoreOptions } from "./message-store.ts";

/** What a queue and a subscription have in common: messages, and a queue of dead letters. */
export class Mailbox {
  /** The path in the form in which clients address it. */
  readonly path: string;
  readonly messages: PlainStore | SessionStore;
  readonly deadLetters: PlainStore;
  readonly #settings: ReceivingSettings;

  constructor(path: string, settings: ReceivingSettings, context: BrokerContext) {
    this.path = path;
    this.#settings = settings;
    const options: StoreOptions = {
      clock: context.clock,
      lockTokens: context.lockTokens,
      lockDurationInMs: settings.lockDurationInMs,
      maxDeliveryCount: settings.maxDeliveryCount,
      discardExpired: (queued) => {
        this.#discardExpired(queued);
      },
      deadLetter: (queued, reason) => {
        this.deadLetter(queued, reason);
      },
    };
    this.messages = settings.requiresSession ? new SessionStore(options) : new PlainStore(options);
    this.deadLetters = new PlainStore({ ...options, maxDeliveryCount: Number.POSITIVE_INFINITY });
  }

  /** Checks that a message may be sent here. @throws AmqpError */
  check(content: MessageContent): void {
    if (this.#settings.requiresSession && content.properties.sessionId === undefined) {
      throw new AmqpError(
        "amqp:not-allowed",
        "The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.",
      );
    }
  }

  /** Takes a message, for the shortest of its own, the topic's and this entity's time to live. */
  enqueue(message: EnqueuedMessage, topicTtlInMs?: number): void {
    const ttlInMs = shortest(message.content.ttlInMs, topicTtlInMs, this.#settings.ttlInMs);
    const queued: QueuedMessage = {
      message,
      ttlInMs,
      expiresAt: ttlInMs === undefined ? undefined : message.enqueuedAt + ttlInMs,
      deadLetterSource: undefined,
      deliveryCount: 0,
    };
    if (this.#settings.requiresSession && message.content.properties.sessionId === undefined) {
      // Only a topic gets here: one subscription's sessions must not fail the send for all others.
      this.deadLetter(queued, { reason: "Session id is null.", description: undefined });
      return;
    }
    this.messages.put(queued);
  }

  /** Moves a message to the dead-letter queue, where it no longer expires. */
  deadLetter(queued: QueuedMessage, reason: DeadLetterReason): void {
    const content = queued.message.content.withApplicationProperties(reasonPairs(reason));
    this.deadLetters.put({
      message: new EnqueuedMessage(content, queued.message),
      ttlInMs: undefined,
      expiresAt: undefined,
      deadLetterSource: this.path,
      deliveryCount: queued.deliveryCount,
    });
  }

  sweep(): void {
    this.messages.sweep();
  }

  close(): void {
    this.messages.close();
    this.deadLetters.close();
  }

  #discardExpired(queued: QueuedMessage): void {
    if (this.#settings.deadLettersExpired && queued.deadLetterSource === undefined) {
      this.deadLetter(queued, {
        reason: "TTLExpiredException",
        description: "The message expired and was dead lettered.",
      });
    }
  }
}

function shortest(...ttls: readonly (number | undefined)[]): number | undefined {
  const limits = ttls.filter((ttl) => ttl !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function reasonPairs(reason: DeadLetterReason): readonly RawPair[] {
  const entries = [
    ["DeadLetterReason", reason.reason],
    ["DeadLetterErrorDescription", reason.description],
  ] as const;
  return entries.flatMap(([key, value]) =>
    value === undefined
      ? []
      : [{ key, keyBytes: stringValue(key), valueBytes: stringValue(value) }],
  );
}
