import {
  binaryValue,
  doubleValue,
  listValue,
  nullValue,
  optionalString,
  stringValue,
  ubyteValue,
  uintValue,
} from "../amqp/encode-value.ts";
import type { Arrival } from "../entities/arrival.ts";
import type { Change, KeptEntity } from "../entities/change.ts";
import type { QueuedMessage } from "../entities/queued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { boxCodes, changeCodes, stateCodes } from "./change-codes.ts";
import { encodeContent } from "./encode-content.ts";
import { encodeRule } from "./rule-fields.ts";

/**
 * Writes changes as AMQP lists: code, entity, fields. What several subscriptions hold is written once
 * in a journal and referred to by its number afterwards, so a journal has one encoder.
 */
export class ChangeEncoder {
  readonly #contentNumbers = new WeakMap<MessageContent, number>();
  #contentCount = 0;

  encode(change: Change): Buffer {
    const entity = change.kind === "entity-set" ? change.entity.id : change.entity;
    return listValue([
      ubyteValue(changeCodes[change.kind]),
      uintValue(entity),
      ...this.#fields(change),
    ]);
  }

  #fields(change: Change): readonly Buffer[] {
    switch (change.kind) {
      case "entity-set":
        return entityFields(change.entity);
      case "entity-removed":
        return [];
      case "rule-set":
        return encodeRule(change.rule);
      case "rule-removed":
        return [stringValue(change.name)];
      case "message-put":
        return [ubyteValue(boxCodes[change.box]), ...this.#messageFields(change.queued)];
      case "message-locked":
      case "message-removed":
        return [ubyteValue(boxCodes[change.box]), doubleValue(change.sequenceNumber)];
      case "session-state-set": {
        const { sessionId, state } = change;
        return [stringValue(sessionId), state === undefined ? nullValue : binaryValue(state)];
      }
      case "scheduled": {
        const { sequenceNumber, dueAt, enqueuedAt, arrival } = change.scheduled;
        const numbers = [sequenceNumber, dueAt, enqueuedAt].map((value) => doubleValue(value));
        return [...numbers, ...this.#arrivalFields(arrival)];
      }
      case "unscheduled":
      case "number-used":
        return [doubleValue(change.sequenceNumber)];
      case "id-used":
        return [stringValue(change.messageId), doubleValue(change.at)];
      case "ids-forgotten":
        return [doubleValue(change.until)];
    }
  }

  #messageFields(queued: QueuedMessage): readonly Buffer[] {
    const { message, ttlInMs, expiresAt, deadLetterSource, deliveryCount, state } = queued;
    return [
      doubleValue(message.sequenceNumber),
      doubleValue(message.enqueuedAt),
      uintValue(message.hops),
      optionalNumber(message.enqueuedSequenceNumber),
      optionalNumber(ttlInMs),
      optionalNumber(expiresAt),
      optionalString(deadLetterSource),
      uintValue(deliveryCount),
      ubyteValue(stateCodes[state]),
      ...this.#contentFields(message.content),
    ];
  }

  #arrivalFields(arrival: Arrival): readonly Buffer[] {
    const { content, hops, enqueuedSequenceNumber, deadLetterSource } = arrival;
    return [
      uintValue(hops),
      optionalNumber(enqueuedSequenceNumber),
      optionalString(deadLetterSource),
      ...this.#contentFields(content),
    ];
  }

  /** The number of a content, and the first time the content itself. */
  #contentFields(content: MessageContent): readonly Buffer[] {
    const known = this.#contentNumbers.get(content);
    if (known !== undefined) {
      return [uintValue(known)];
    }
    this.#contentCount += 1;
    this.#contentNumbers.set(content, this.#contentCount);
    return [uintValue(this.#contentCount), binaryValue(encodeContent(content))];
  }
}

function entityFields(entity: KeptEntity): readonly Buffer[] {
  return [
    stringValue(entity.type),
    stringValue(entity.name),
    entity.type === "subscription" ? stringValue(entity.topic) : nullValue,
    doubleValue(entity.createdAt),
    doubleValue(entity.updatedAt),
    stringValue(JSON.stringify(entity.options)),
  ];
}

function optionalNumber(value: number | undefined): Buffer {
  return value === undefined ? nullValue : doubleValue(value);
}
