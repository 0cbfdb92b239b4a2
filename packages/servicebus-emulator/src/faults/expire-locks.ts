import type { Fault, FaultTarget } from "./fault.ts";
import { optionalEntity } from "./read-options.ts";
import type { Entity } from "../entities/namespace.ts";

/** Locks on messages and sessions run out now, as if their time were over. */
export const expireLocks: Fault = {
  canLast: false,
  prepare: (options) => {
    const find = optionalEntity(options);
    return (target) => {
      const entities = find === undefined ? allEntities(target) : [find(target)];
      const affected = entities.reduce((sum, entity) => sum + expireLocksOf(entity), 0);
      return { kind: "done", affected };
    };
  },
};

function allEntities({ namespace }: FaultTarget): readonly Entity[] {
  return [...namespace.queues, ...namespace.topics];
}

/** The locks of a queue or subscription, or of all subscriptions of a topic. */
function expireLocksOf(entity: Entity): number {
  if (entity.kind === "topic") {
    const subscriptions = [...entity.subscriptions.values()];
    return subscriptions.reduce((sum, subscription) => sum + expireLocksOf(subscription), 0);
  }
  const { messages, deadLetters, transferDeadLetters } = entity.mailbox;
  const letters = deadLetters.expireLocks() + transferDeadLetters.expireLocks();
  return messages.expireLocks() + letters;
}
