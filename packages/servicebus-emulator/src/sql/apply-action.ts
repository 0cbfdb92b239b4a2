import { AmqpUuid } from "../amqp/amqp-value.ts";
import {
  booleanValue,
  doubleValue,
  stringValue,
  timestampValue,
  uuidValue,
} from "../amqp/encode-value.ts";
import { wholeValue } from "../amqp/loose-value.ts";
import type { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent, MessageProperties } from "../messages/message-content.ts";
import type { RawPair } from "../messages/raw-pairs.ts";
import { evaluateExpression } from "./evaluate-expression.ts";
import type { ActionNode, PropertyNode } from "./sql-node.ts";
import { MessageSubject, propertyKey, type SqlSubject } from "./sql-subject.ts";
import type { SqlValue } from "./sql-value.ts";
import { isSettable } from "./system-property.ts";

/**
 * What an action makes of a message; the message itself stays as it is. Later statements see what
 * earlier ones have set. Setting a property to an unknown value removes it.
 *
 * @throws SqlEvaluationError when a value cannot be worked out.
 */
export function applyAction(
  statements: readonly ActionNode[],
  message: EnqueuedMessage,
): MessageContent {
  const draft = new Draft(message);
  for (const statement of statements) {
    const value = statement.kind === "set" ? evaluateExpression(statement.value, draft) : undefined;
    draft.set(statement.property, value);
  }
  return draft.content();
}

/** A message with changes that are not in its bytes yet. */
class Draft implements SqlSubject {
  readonly #message: EnqueuedMessage;
  readonly #subject: MessageSubject;
  readonly #user = new Map<string, SqlValue>();
  readonly #system = new Map<keyof MessageProperties, string | undefined>();

  constructor(message: EnqueuedMessage) {
    this.#message = message;
    this.#subject = new MessageSubject(message);
  }

  value(property: PropertyNode): SqlValue {
    if (property.kind === "system") {
      return isSettable(property.name) && this.#system.has(property.name)
        ? this.#system.get(property.name)
        : this.#subject.value(property);
    }
    const key = this.#key(property.name);
    return this.#user.has(key) ? this.#user.get(key) : this.#subject.value(property);
  }

  has(property: PropertyNode): boolean {
    if (property.kind === "user" && this.#user.has(this.#key(property.name))) {
      return this.value(property) !== undefined;
    }
    return this.#subject.has(property);
  }

  set(property: PropertyNode, value: SqlValue): void {
    if (property.kind === "user") {
      this.#user.set(this.#key(property.name), value);
    } else if (isSettable(property.name)) {
      this.#system.set(property.name, value === undefined ? undefined : textOf(value));
    }
  }

  content(): MessageContent {
    const changes: RawPair[] = [];
    const removed = new Set<string>();
    for (const [key, value] of this.#user) {
      if (value === undefined) {
        removed.add(key);
      } else {
        changes.push({ key, keyBytes: stringValue(key), valueBytes: encode(value) });
      }
    }
    const { content } = this.#message;
    return content.withProperties(this.#system).withApplicationProperties(changes, removed);
  }

  #key(name: string): string {
    const wanted = name.toLowerCase();
    const known = [...this.#user.keys()].find((key) => key.toLowerCase() === wanted);
    return known ?? propertyKey(this.#message.content.applicationProperties, name);
  }
}

function textOf(value: Exclude<SqlValue, undefined>): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function encode(value: Exclude<SqlValue, undefined>): Buffer {
  if (typeof value === "string") {
    return stringValue(value);
  }
  if (typeof value === "bigint") {
    return wholeValue(value);
  }
  if (typeof value === "number") {
    return doubleValue(value);
  }
  if (typeof value === "boolean") {
    return booleanValue(value);
  }
  return value instanceof AmqpUuid ? uuidValue(value.bytes) : timestampValue(value.getTime());
}
