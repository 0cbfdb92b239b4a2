import {
  booleanValue,
  describedValue,
  intValue,
  listValue,
  longValue,
  mapValue,
  nullValue,
  stringValue,
  symbolValue,
  timestampValue,
  ubyteValue,
  uintValue,
} from "../amqp/encode-value.ts";
import type { MessageContent } from "./message-content.ts";
import { sectionCode } from "./message-sections.ts";
import type { MessageState } from "./message-state.ts";
import { pairBytes } from "./raw-pairs.ts";

/** What differs between two deliveries of one message. */
export interface DeliveryState {
  /** How often it was delivered before without success. */
  readonly deliveryCount: number;
  /** The time to live that holds in this queue or subscription; undefined without limit. */
  readonly ttlInMs: number | undefined;
  /** Until when it is locked, in broker time (milliseconds since 1970). */
  readonly lockedUntil?: number | undefined;
  /** The entity whose dead-letter queue this is read from. */
  readonly deadLetterSource?: string | undefined;
  readonly state?: MessageState;
}

/** When the broker took a message, and under which number. */
export interface Enqueueing {
  readonly sequenceNumber: number;
  /** Broker time, milliseconds since 1970. */
  readonly enqueuedAt: number;
  /** How many times it was forwarded on its way. @default 0 */
  readonly hops?: number;
  /** Its number where it was sent to, when it was forwarded from there. */
  readonly enqueuedSequenceNumber?: number | undefined;
}

/** The numbers by which Service Bus tells the state of a message. */
const stateCodes: Readonly<Record<MessageState, number>> = { active: 0, deferred: 1, scheduled: 2 };

const maxUint = 0xffff_ffff;
const sequenceNumberKey = symbolValue("x-opt-sequence-number");
const enqueuedTimeKey = symbolValue("x-opt-enqueued-time");
const lockedUntilKey = symbolValue("x-opt-locked-until");
const enqueueSequenceNumberKey = symbolValue("x-opt-enqueue-sequence-number");
const messageStateKey = symbolValue("x-opt-message-state");
const deadLetterSourceKey = symbolValue("x-opt-deadletter-source");

/**
 * A message the broker has taken, with its sequence number and time. A topic makes one and all its
 * subscriptions share it, encoded form included: a broadcast to five hundred receive-and-delete
 * receivers is encoded once.
 */
export class EnqueuedMessage implements Enqueueing {
  readonly content: MessageContent;
  readonly sequenceNumber: number;
  readonly enqueuedAt: number;
  readonly hops: number;
  readonly enqueuedSequenceNumber: number | undefined;
  #firstDelivery: { ttlInMs: number | undefined; bytes: Buffer } | undefined;

  constructor(content: MessageContent, enqueueing: Enqueueing) {
    this.content = content;
    this.sequenceNumber = enqueueing.sequenceNumber;
    this.enqueuedAt = enqueueing.enqueuedAt;
    this.hops = enqueueing.hops ?? 0;
    this.enqueuedSequenceNumber = enqueueing.enqueuedSequenceNumber;
  }

  /** The whole encoded message as this delivery shows it. */
  encode(state: DeliveryState): Buffer {
    const isFirstUnlocked =
      state.deliveryCount === 0 &&
      state.lockedUntil === undefined &&
      (state.state ?? "active") === "active" &&
      state.deadLetterSource === undefined;
    if (!isFirstUnlocked) {
      return this.#encode(state);
    }
    const known = this.#firstDelivery;
    if (known !== undefined && known.ttlInMs === state.ttlInMs) {
      return known.bytes;
    }
    const bytes = this.#encode(state);
    this.#firstDelivery = { ttlInMs: state.ttlInMs, bytes };
    return bytes;
  }

  #encode(state: DeliveryState): Buffer {
    const { content } = this;
    const header = listValue([
      booleanValue(content.durable),
      content.priority === undefined ? nullValue : ubyteValue(content.priority),
      state.ttlInMs === undefined ? nullValue : uintValue(Math.min(state.ttlInMs, maxUint)),
      nullValue,
      uintValue(state.deliveryCount),
    ]);
    const annotations = [
      ...pairBytes(content.annotations),
      sequenceNumberKey,
      longValue(this.sequenceNumber),
      enqueuedTimeKey,
      timestampValue(this.enqueuedAt),
    ];
    if (this.enqueuedSequenceNumber !== undefined) {
      annotations.push(enqueueSequenceNumberKey, longValue(this.enqueuedSequenceNumber));
    }
    if (state.state !== undefined && state.state !== "active") {
      annotations.push(messageStateKey, intValue(stateCodes[state.state]));
    }
    if (state.lockedUntil !== undefined) {
      annotations.push(lockedUntilKey, timestampValue(state.lockedUntil));
    }
    if (state.deadLetterSource !== undefined) {
      annotations.push(deadLetterSourceKey, stringValue(state.deadLetterSource));
    }
    return Buffer.concat([
      describedValue(sectionCode.header, header),
      describedValue(sectionCode.messageAnnotations, mapValue(annotations)),
      content.rest,
    ]);
  }
}
