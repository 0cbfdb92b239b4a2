import { randomUUID } from "node:crypto";

import { type AmqpMap, type AmqpValue, AmqpUuid } from "../amqp/amqp-value.ts";
import {
  describedValue,
  listValue,
  mapValue,
  nullValue,
  stringValue,
  symbolValue,
} from "../amqp/encode-value.ts";
import { asMap, type Fields } from "../amqp/fields.ts";
import { ValueReader } from "../amqp/value-reader.ts";
import { type MessageSection, readSections, sectionCode } from "./message-sections.ts";
import { pairBytes, type RawPair, readRawPairs } from "./raw-pairs.ts";

/** The system properties that rules and sessions look at, as text. */
export interface MessageProperties {
  readonly messageId: string | undefined;
  readonly to: string | undefined;
  readonly subject: string | undefined;
  readonly replyTo: string | undefined;
  readonly correlationId: string | undefined;
  readonly contentType: string | undefined;
  readonly sessionId: string | undefined;
  readonly replyToSessionId: string | undefined;
}

/** The parts of a message, in the bytes in which its sender encoded them. */
interface MessageParts {
  readonly header: Fields;
  readonly annotations: readonly RawPair[];
  readonly properties: Buffer;
  readonly applicationProperties: Buffer | undefined;
  readonly body: Buffer;
}

const noBytes = Buffer.alloc(0);
const emptyList = listValue([]);
const noProperties: MessageSection = {
  code: sectionCode.properties,
  value: emptyList,
  bytes: describedValue(sectionCode.properties, emptyList),
};

/** Annotations which only the broker sets; a sender's own are dropped. */
const brokerAnnotations = new Set([
  "x-opt-sequence-number",
  "x-opt-enqueue-sequence-number",
  "x-opt-enqueued-time",
  "x-opt-locked-until",
  "x-opt-message-state",
  "x-opt-deadletter-source",
]);

/**
 * What a sender sent: never changed, shared by all subscriptions that hold it, and passed on in its
 * own bytes, because decoding loses the exact AMQP types.
 */
export class MessageContent {
  readonly durable: boolean;
  readonly priority: number | undefined;
  /** The sender's time to live in milliseconds, if it set one. */
  readonly ttlInMs: number | undefined;
  /** When the sender wants it to become available, in milliseconds since 1970. */
  readonly scheduledAt: number | undefined;
  readonly annotations: readonly RawPair[];
  /** Properties, application properties and body: what is sent after the broker's own sections. */
  readonly rest: Buffer;
  readonly #parts: MessageParts;
  #properties: MessageProperties | undefined;
  #applicationProperties: AmqpMap | undefined;

  private constructor(parts: MessageParts) {
    const [durable, priority, ttl] = parts.header;
    this.durable = durable === true;
    this.priority = typeof priority === "number" ? priority : undefined;
    this.ttlInMs = typeof ttl === "number" && ttl > 0 ? ttl : undefined;
    this.annotations = parts.annotations;
    this.scheduledAt = readScheduledTime(parts.annotations);
    const applicationSize = parts.applicationProperties?.length ?? 0;
    const bodyStart = parts.properties.length + applicationSize;
    this.rest = Buffer.concat([
      parts.properties,
      parts.applicationProperties ?? noBytes,
      parts.body,
    ]);
    // Views of one buffer, so that the frames the message came in can be freed.
    this.#parts = {
      ...parts,
      properties: this.rest.subarray(0, parts.properties.length),
      applicationProperties:
        applicationSize === 0 ? undefined : this.rest.subarray(parts.properties.length, bodyStart),
      body: this.rest.subarray(bodyStart),
    };
  }

  /** Reads an encoded message. @throws AmqpError amqp:decode-error. */
  static parse(message: Buffer): MessageContent {
    let header: Fields = [];
    let annotations: readonly RawPair[] = [];
    let properties: Buffer | undefined;
    let applicationProperties: Buffer | undefined;
    const body: Buffer[] = [];
    for (const section of readSections(message)) {
      switch (section.code) {
        case sectionCode.header:
          header = readFields(section.value);
          break;
        case sectionCode.deliveryAnnotations:
          break;
        case sectionCode.messageAnnotations:
          annotations = readAnnotations(section.value);
          break;
        case sectionCode.properties:
          properties = withMessageId(section);
          break;
        case sectionCode.applicationProperties:
          applicationProperties = section.bytes;
          break;
        default:
          body.push(section.bytes);
      }
    }
    return new MessageContent({
      header,
      annotations,
      properties: properties ?? withMessageId(noProperties),
      applicationProperties,
      body: Buffer.concat(body),
    });
  }

  /** Its size in bytes, as far as its sender made it. */
  get size(): number {
    return pairBytes(this.annotations).reduce((sum, bytes) => sum + bytes.length, this.rest.length);
  }

  /** The message id in the bytes of its sender, for the answer to a request. */
  get messageIdBytes(): Buffer {
    const reader = new ValueReader(valueBytes(this.#parts.properties));
    return reader.enterCompound() === 0 ? nullValue : reader.readRaw();
  }

  /** The value of a body of type amqp-value; null for another one. */
  get bodyValue(): AmqpValue {
    const [section] = readSections(this.#parts.body);
    return section?.code === sectionCode.value ? new ValueReader(section.value).read() : null;
  }

  /** The system properties, decoded when somebody asks. */
  get properties(): MessageProperties {
    this.#properties ??= readProperties(readFields(valueBytes(this.#parts.properties)));
    return this.#properties;
  }

  /** The sender's own properties, decoded when somebody asks. */
  get applicationProperties(): AmqpMap {
    const section = this.#parts.applicationProperties;
    this.#applicationProperties ??=
      section === undefined ? new Map() : asMap(sectionValue(section));
    return this.#applicationProperties;
  }

  /** The same message with these system properties replaced, or taken away by undefined. */
  withProperties(
    changes: ReadonlyMap<keyof MessageProperties, string | undefined>,
  ): MessageContent {
    if (changes.size === 0) {
      return this;
    }
    const fields = readRawFields(valueBytes(this.#parts.properties));
    for (const [name, value] of changes) {
      const index = propertyIndexes[name];
      while (fields.length <= index) {
        fields.push(nullValue);
      }
      fields[index] = propertyValue(name, value);
    }
    const properties = describedValue(sectionCode.properties, listValue(fields));
    return new MessageContent({ ...this.#parts, properties });
  }

  /** The same message with these application properties added or replaced, and those left out. */
  withApplicationProperties(
    changes: readonly RawPair[],
    removed: ReadonlySet<string> = new Set(),
  ): MessageContent {
    const section = this.#parts.applicationProperties;
    const changed = new Set(changes.map((pair) => pair.key));
    const kept = section === undefined ? [] : readRawPairs(valueBytes(section));
    const pairs = [...kept.filter(({ key }) => !changed.has(key) && !removed.has(key)), ...changes];
    return new MessageContent({
      ...this.#parts,
      applicationProperties: describedValue(
        sectionCode.applicationProperties,
        mapValue(pairBytes(pairs)),
      ),
    });
  }
}

/** The places of the system properties in the section's list (AMQP 1.0 part 3.2.4). */
const propertyIndexes: Readonly<Record<keyof MessageProperties, number>> = {
  messageId: 0,
  to: 2,
  subject: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  sessionId: 10,
  replyToSessionId: 12,
};

function readAnnotations(value: Buffer): readonly RawPair[] {
  return readRawPairs(value).filter((pair) => !brokerAnnotations.has(pair.key));
}

function readScheduledTime(annotations: readonly RawPair[]): number | undefined {
  const pair = annotations.find(({ key }) => key === "x-opt-scheduled-enqueue-time");
  const time = pair === undefined ? null : new ValueReader(pair.valueBytes).read();
  return time instanceof Date ? time.getTime() : undefined;
}

/** Gives a message an id that has none, as Service Bus does: the SDK cannot renew locks without. */
function withMessageId(section: MessageSection): Buffer {
  const [id, ...others] = readRawFields(section.value);
  if (id !== undefined && !id.equals(nullValue)) {
    return section.bytes;
  }
  const newId = stringValue(randomUUID().replaceAll("-", ""));
  return describedValue(sectionCode.properties, listValue([newId, ...others]));
}

function propertyValue(name: keyof MessageProperties, value: string | undefined): Buffer {
  if (value === undefined) {
    return nullValue;
  }
  return name === "contentType" ? symbolValue(value) : stringValue(value);
}

function readRawFields(list: Buffer): Buffer[] {
  const reader = new ValueReader(list);
  const fields: Buffer[] = [];
  for (let count = reader.enterCompound(); count > 0; count -= 1) {
    fields.push(reader.readRaw());
  }
  return fields;
}

function readFields(list: Buffer): Fields {
  const fields = new ValueReader(list).read();
  return Array.isArray(fields) ? fields : [];
}

function valueBytes(section: Buffer): Buffer {
  const reader = new ValueReader(section);
  reader.readDescriptor();
  return section.subarray(reader.offset);
}

function sectionValue(section: Buffer): AmqpValue {
  return new ValueReader(valueBytes(section)).read();
}

function readProperties(fields: Fields): MessageProperties {
  return {
    messageId: text(fields[propertyIndexes.messageId]),
    to: text(fields[propertyIndexes.to]),
    subject: text(fields[propertyIndexes.subject]),
    replyTo: text(fields[propertyIndexes.replyTo]),
    correlationId: text(fields[propertyIndexes.correlationId]),
    contentType: text(fields[propertyIndexes.contentType]),
    sessionId: text(fields[propertyIndexes.sessionId]),
    replyToSessionId: text(fields[propertyIndexes.replyToSessionId]),
  };
}

/** Ids may be strings, unsigned longs, UUIDs or binary; filters compare them as text. */
function text(value: AmqpValue | undefined): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (Buffer.isBuffer(value)) {
    return value.toString("hex");
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return String(value);
  }
  return value instanceof AmqpUuid ? value.toString() : undefined;
}
