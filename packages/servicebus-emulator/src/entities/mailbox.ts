import { AmqpError } from "../amqp/amqp-error.ts";
import { stringValue } from "../amqp/encode-value.ts";
import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import type { RawPair } from "../messages/raw-pairs.ts";
import type { EntityContext } from "./broker-context.ts";
import type { ReceivingSettings } from "./entity-settings.ts";
import { messageLog } from "./message-log.ts";
import { PlainStore } from "./plain-store.ts";
import type { DeadLetterReason, QueuedMessage } from "./queued-message.ts";
import { SessionStore } from "./session-store.ts";
import type { StoreOptions } from "./message-store.ts";

/** How a message comes into a mailbox. */
export interface EnqueueOptions {
  /** The topic's time to live in milliseconds. */
  readonly topicTtlInMs?: number | undefined;
  /** The entity it was dead-lettered from before it was forwarded. */
  readonly deadLetterSource?: string | undefined;
}

/** What a queue and a subscription have in common: messages, and queues of dead letters. */
export class Mailbox {
  /** The path in the form in which clients address it. */
  readonly path: string;
  readonly messages: PlainStore | SessionStore;
  readonly deadLetters: PlainStore;
  /** Messages that could not be forwarded. */
  readonly transferDeadLetters: PlainStore;
  readonly #context: EntityContext;
  #settings: ReceivingSettings;

  constructor(path: string, settings: ReceivingSettings, context: EntityContext) {
    this.path = path;
    this.#settings = settings;
    this.#context = context;
    const options: StoreOptions = {
      log: messageLog(context, "none"),
      clock: context.clock,
      lockTokens: context.lockTokens,
      faults: context.faults,
      lockDurationInMs: () => this.#settings.lockDurationInMs,
      maxDeliveryCount: () => this.#settings.maxDeliveryCount,
      discardExpired: (queued) => {
        this.#discardExpired(queued);
      },
      deadLetter: (queued, reason) => {
        this.deadLetter(queued, reason);
      },
    };
    this.messages = settings.requiresSession ? new SessionStore(options) : new PlainStore(options);
    const unlimited = { ...options, maxDeliveryCount: () => Number.POSITIVE_INFINITY };
    this.deadLetters = new PlainStore({ ...unlimited, log: messageLog(context, "deadLetter") });
    this.transferDeadLetters = new PlainStore({
      ...unlimited,
      log: messageLog(context, "transferDeadLetter"),
    });
  }

  /** The size of all its messages in bytes, dead letters included. */
  get sizeInBytes(): number {
    const letters = this.deadLetters.sizeInBytes + this.transferDeadLetters.sizeInBytes;
    return this.messages.sizeInBytes + letters;
  }

  /** Works by changed settings from now on; what waits is forwarded if that is new. */
  update(settings: ReceivingSettings): void {
    this.#settings = settings;
    const { forwardTo } = settings;
    if (forwardTo !== undefined && this.messages instanceof PlainStore) {
      for (const queued of this.messages.lane.takeAll()) {
        this.#transfer(forwardTo, queued);
      }
    }
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
  enqueue(message: EnqueuedMessage, options: EnqueueOptions = {}): void {
    const queued = this.#queued(message, options);
    const { forwardTo } = this.#settings;
    if (forwardTo !== undefined) {
      this.#transfer(forwardTo, queued);
      return;
    }
    if (this.#settings.requiresSession && message.content.properties.sessionId === undefined) {
      // Only a topic or forwarding gets here: one subscription must not fail the send for all others.
      this.deadLetter(queued, { reason: "Session id is null.", description: undefined });
      return;
    }
    this.messages.put(queued);
  }

  /** Takes a message into the dead-letter queue at once, because a rule failed on it. */
  enqueueDeadLetter(
    message: EnqueuedMessage,
    reason: DeadLetterReason,
    options: EnqueueOptions,
  ): void {
    this.deadLetter(this.#queued(message, options), reason);
  }

  /** Moves a message to the dead-letter queue, where it no longer expires, or forwards it as such. */
  deadLetter(queued: QueuedMessage, reason: DeadLetterReason): void {
    const letter = this.#letter(queued, reason);
    const target = this.#settings.forwardDeadLettersTo;
    if (target === undefined) {
      this.deadLetters.put(letter);
    } else {
      this.#transfer(target, letter);
    }
  }

  dispatch(): void {
    this.messages.dispatch();
    this.deadLetters.dispatch();
    this.transferDeadLetters.dispatch();
  }

  sweep(): void {
    this.messages.sweep();
  }

  close(): void {
    this.messages.close();
    this.deadLetters.close();
    this.transferDeadLetters.close();
  }

  #queued(message: EnqueuedMessage, options: EnqueueOptions): QueuedMessage {
    const { topicTtlInMs, deadLetterSource } = options;
    const ttlInMs = shortest(message.content.ttlInMs, topicTtlInMs, this.#settings.ttlInMs);
    return {
      message,
      ttlInMs,
      expiresAt: ttlInMs === undefined ? undefined : message.enqueuedAt + ttlInMs,
      deadLetterSource,
      deliveryCount: 0,
      state: "active",
    };
  }

  #letter(queued: QueuedMessage, reason: DeadLetterReason): QueuedMessage {
    const content = queued.message.content.withApplicationProperties(reasonPairs(reason));
    return {
      message: new EnqueuedMessage(content, queued.message),
      ttlInMs: undefined,
      expiresAt: undefined,
      deadLetterSource: this.path,
      deliveryCount: queued.deliveryCount,
      state: "active",
    };
  }

  #transfer(target: string, { message, ...queued }: QueuedMessage): void {
    const { changes, origin, forward } = this.#context;
    // Its number shows on the message elsewhere, and nothing stays here that would bear witness to it.
    const { sequenceNumber } = message;
    changes?.note({ kind: "number-used", entity: origin.id, sequenceNumber });
    const reason = forward(target, {
      content: message.content,
      hops: message.hops + 1,
      enqueuedSequenceNumber: message.enqueuedSequenceNumber ?? message.sequenceNumber,
      deadLetterSource: queued.deadLetterSource,
    });
    if (reason !== undefined) {
      this.transferDeadLetters.put(this.#letter({ message, ...queued }, reason));
    }
  }

  #discardExpired(queued: QueuedMessage): void {
    if (this.#settings.deadLettersExpired) {
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
