import type { AmqpValue } from "../amqp/amqp-value.ts";
import { type Fields, optionalBinary, optionalText, textField, uintField } from "../amqp/fields.ts";
import { ValueReader } from "../amqp/value-reader.ts";
import type { Arrival } from "../entities/arrival.ts";
import type { Change, KeptEntity } from "../entities/change.ts";
import type { QueueOptions, SubscriptionOptions } from "../entities/entity-options.ts";
import type { QueuedMessage } from "../entities/queued-message.ts";
import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { MessageContent } from "../messages/message-content.ts";
import { boxCodes, changeCodes, meaningOf, stateCodes } from "./change-codes.ts";
import { numberField, optionalNumber } from "./number-field.ts";
import { decodeRule } from "./rule-fields.ts";

/** Reads what a `ChangeEncoder` has written, in the same order. */
export class ChangeDecoder {
  readonly #contents = new Map<number, MessageContent>();

  /** Reads the changes in one frame. @throws Error when there is something else in it. */
  *decodeAll(payload: Buffer): Generator<Change> {
    const reader = new ValueReader(payload);
    while (reader.remaining > 0) {
      yield this.#decode(reader.read());
    }
  }

  #decode(fields: AmqpValue): Change {
    if (!Array.isArray(fields)) {
      throw new Error("The journal holds something that is no list.");
    }
    const kind = meaningOf(changeCodes, uintField(fields, 0));
    const entity = uintField(fields, 1);
    switch (kind) {
      case "entity-set":
        return { kind, entity: decodeEntity(fields, entity) };
      case "entity-removed":
        return { kind, entity };
      case "rule-set":
        return { kind, entity, rule: decodeRule(fields, 2) };
      case "rule-removed":
        return { kind, entity, name: textField(fields, 2) };
      case "message-put": {
        const box = meaningOf(boxCodes, uintField(fields, 2));
        return { kind, entity, box, queued: this.#message(fields, 3) };
      }
      case "message-locked":
      case "message-removed": {
        const box = meaningOf(boxCodes, uintField(fields, 2));
        return { kind, entity, box, sequenceNumber: numberField(fields, 3) };
      }
      case "session-state-set": {
        const state = optionalBinary(fields, 3);
        const copy = state === undefined ? undefined : Buffer.from(state);
        return { kind, entity, sessionId: textField(fields, 2), state: copy };
      }
      case "scheduled":
      case "unscheduled":
      case "number-used":
      case "id-used":
      case "ids-forgotten":
        return this.#decodeIntake(kind, entity, fields);
    }
  }

  #decodeIntake(
    kind: "scheduled" | "unscheduled" | "number-used" | "id-used" | "ids-forgotten",
    entity: number,
    fields: Fields,
  ): Change {
    switch (kind) {
      case "scheduled": {
        const sequenceNumber = numberField(fields, 2);
        const dueAt = numberField(fields, 3);
        const enqueuedAt = numberField(fields, 4);
        const arrival = this.#arrival(fields, 5);
        return { kind, entity, scheduled: { sequenceNumber, dueAt, enqueuedAt, arrival } };
      }
      case "unscheduled":
      case "number-used":
        return { kind, entity, sequenceNumber: numberField(fields, 2) };
      case "id-used":
        return { kind, entity, messageId: textField(fields, 2), at: numberField(fields, 3) };
      case "ids-forgotten":
        return { kind, entity, until: numberField(fields, 2) };
    }
  }

  #message(fields: Fields, first: number): QueuedMessage {
    const message = new EnqueuedMessage(this.#content(fields, first + 9), {
      sequenceNumber: numberField(fields, first),
      enqueuedAt: numberField(fields, first + 1),
      hops: uintField(fields, first + 2),
      enqueuedSequenceNumber: optionalNumber(fields, first + 3),
    });
    return {
      message,
      ttlInMs: optionalNumber(fields, first + 4),
      expiresAt: optionalNumber(fields, first + 5),
      deadLetterSource: optionalText(fields, first + 6),
      deliveryCount: uintField(fields, first + 7),
      state: meaningOf(stateCodes, uintField(fields, first + 8)),
    };
  }

  #arrival(fields: Fields, first: number): Arrival {
    return {
      hops: uintField(fields, first),
      enqueuedSequenceNumber: optionalNumber(fields, first + 1),
      deadLetterSource: optionalText(fields, first + 2),
      content: this.#content(fields, first + 3),
    };
  }

  #content(fields: Fields, first: number): MessageContent {
    const number = uintField(fields, first);
    const bytes = optionalBinary(fields, first + 1);
    if (bytes !== undefined) {
      // In memory of its own, so that the frame it was read from can be freed.
      this.#contents.set(number, MessageContent.parse(Buffer.from(bytes)));
    }
    const content = this.#contents.get(number);
    if (content === undefined) {
      throw new Error(`The journal refers to the message ${number}, which is not in it.`);
    }
    return content;
  }
}

function decodeEntity(fields: Fields, id: number): KeptEntity {
  const type = textField(fields, 2);
  const origin = { id, createdAt: numberField(fields, 5), updatedAt: numberField(fields, 6) };
  const named = { ...origin, name: textField(fields, 3) };
  const options: unknown = JSON.parse(textField(fields, 7));
  if (!isOptions(options)) {
    throw new Error(`The journal holds no options for '${named.name}'.`);
  }
  switch (type) {
    case "queue":
    case "topic":
      return { ...named, type, options };
    case "subscription":
      return { ...named, type, topic: textField(fields, 4), options };
    default:
      throw new Error(`The journal holds an entity of the type '${type}', which there is not.`);
  }
}

/** They were checked before they were written, and the frame's checksum says that they are the same. */
function isOptions(value: unknown): value is QueueOptions & SubscriptionOptions {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
