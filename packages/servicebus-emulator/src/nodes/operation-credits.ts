import { asMap } from "../amqp/fields.ts";
import type { Entity } from "../entities/namespace.ts";
import type { MessageContent } from "../messages/message-content.ts";

/** What each operation of management costs; changes of rules are such. */
export const managementCredits = 10;

/** What sending messages costs: 1 each, and 1 for each filter that looks at it. */
export function sendCredits(entity: Entity, messages: number): number {
  if (entity.kind !== "topic") {
    return messages;
  }
  let filters = 0;
  for (const subscription of entity.subscriptions.values()) {
    filters += subscription.rules.length;
  }
  return messages * (1 + filters);
}

/** What a request to `$management` costs; messages that are scheduled cost what sending them does. */
export function manageCredits(request: MessageContent, entity: Entity): number {
  const operation = request.applicationProperties.get("operation");
  if (operation === "com.microsoft:schedule-message") {
    const messages = asMap(request.bodyValue).get("messages");
    return sendCredits(entity, Array.isArray(messages) ? messages.length : 1);
  }
  return typeof operation === "string" && /-rules?$/u.test(operation) ? managementCredits : 1;
}
