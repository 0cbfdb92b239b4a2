import type { SubQueue } from "../entities/entity-name.ts";
import type { Mailbox } from "../entities/mailbox.ts";
import type { Entity, Namespace } from "../entities/namespace.ts";
import { PlainStore } from "../entities/plain-store.ts";
import type { QueuedMessage } from "../entities/queued-message.ts";
import { SessionStore } from "../entities/session-store.ts";
import { storeOf } from "../nodes/management-store.ts";
import type { BrokerImage, EntityImage } from "./broker-image.ts";

/** A message that was locked when the broker ended. */
interface LockedMessage {
  readonly store: PlainStore;
  readonly queued: QueuedMessage;
}

const boxes: readonly SubQueue[] = ["none", "deadLetter", "transferDeadLetter"];

/**
 * Puts everything that an image holds into an empty namespace. No lock is left: the result is a
 * function that gives the messages back which were locked, as failed deliveries.
 *
 * @throws EntityError when an entity has options that this broker does not take.
 */
export function restoreNamespace(namespace: Namespace, image: BrokerImage): () => void {
  const locked: LockedMessage[] = [];
  for (const entityImage of image.entities) {
    const entity = namespace.restore(entityImage.entity);
    restoreContents(entity, entityImage, locked);
  }
  return () => {
    for (const { store, queued } of locked) {
      store.lane.returnFailed(queued);
    }
  };
}

function restoreContents(entity: Entity, image: EntityImage, locked: LockedMessage[]): void {
  if (entity.kind === "subscription") {
    for (const rule of image.rules.values()) {
      entity.restoreRule(rule);
    }
  } else {
    entity.intake.restore({
      lastSequenceNumber: image.numbers.last,
      scheduled: image.scheduled.values(),
      usedIds: image.usedIds,
    });
  }
  if (entity.kind !== "topic") {
    restoreMessages(entity.mailbox, image, locked);
  }
}

function restoreMessages(mailbox: Mailbox, image: EntityImage, locked: LockedMessage[]): void {
  for (const box of boxes) {
    const store = storeOf(mailbox, box);
    for (const { queued, isLocked } of image.messages[box].values()) {
      if (isLocked && store instanceof PlainStore) {
        locked.push({ store, queued });
      } else {
        store.put(queued);
      }
    }
  }
  if (mailbox.messages instanceof SessionStore) {
    for (const [sessionId, state] of image.sessionStates) {
      mailbox.messages.restoreState(sessionId, state);
    }
  }
}
