import { type AmqpMap } from "../amqp/amqp-value.ts";
import type { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { PropertyNode } from "./sql-node.ts";
import { sqlValue, type SqlValue } from "./sql-value.ts";
import { readSystemProperty } from "./system-property.ts";

/** What a filter or action is worked out for. */
export interface SqlSubject {
  /** The value of a property; unknown when there is none. */
  value(property: PropertyNode): SqlValue;
  /** True when there is such a property, also one whose value means nothing to SQL. */
  has(property: PropertyNode): boolean;
}

/** A message as filters see it. */
export class MessageSubject implements SqlSubject {
  readonly #message: EnqueuedMessage;

  constructor(message: EnqueuedMessage) {
    this.#message = message;
  }

  value(property: PropertyNode): SqlValue {
    if (property.kind === "system") {
      return readSystemProperty(this.#message, property.name);
    }
    const properties = this.#message.content.applicationProperties;
    return sqlValue(properties.get(propertyKey(properties, property.name)));
  }

  has(property: PropertyNode): boolean {
    if (property.kind === "system") {
      return this.value(property) !== undefined;
    }
    const properties = this.#message.content.applicationProperties;
    return properties.has(propertyKey(properties, property.name));
  }
}

/** The exact name of a property that is named without regard to case. */
export function propertyKey(properties: AmqpMap, name: string): string {
  if (properties.has(name)) {
    return name;
  }
  const wanted = name.toLowerCase();
  for (const key of properties.keys()) {
    if (key.toLowerCase() === wanted) {
      return key;
    }
  }
  return name;
}
