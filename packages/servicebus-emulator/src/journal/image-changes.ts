import type { Change } from "../entities/change.ts";
import type { BrokerImage, EntityImage } from "./broker-image.ts";

const boxes = ["none", "deadLetter", "transferDeadLetter"] as const;

/** The shortest list of changes that makes an image out of nothing. */
export function* imageChanges(image: BrokerImage): Generator<Change> {
  for (const entity of image.entities) {
    yield { kind: "entity-set", entity: entity.entity };
    yield* contentChanges(entity);
  }
}

function* contentChanges(image: EntityImage): Generator<Change> {
  const entity = image.entity.id;
  if (image.numbers.last > 0) {
    yield { kind: "number-used", entity, sequenceNumber: image.numbers.last };
  }
  for (const rule of image.rules.values()) {
    yield { kind: "rule-set", entity, rule };
  }
  for (const box of boxes) {
    for (const [sequenceNumber, { queued, isLocked }] of image.messages[box]) {
      yield { kind: "message-put", entity, box, queued };
      if (isLocked) {
        yield { kind: "message-locked", entity, box, sequenceNumber };
      }
    }
  }
  for (const scheduled of image.scheduled.values()) {
    yield { kind: "scheduled", entity, scheduled };
  }
  for (const [messageId, at] of image.usedIds) {
    yield { kind: "id-used", entity, messageId, at };
  }
  for (const [sessionId, state] of image.sessionStates) {
    yield { kind: "session-state-set", entity, sessionId, state };
  }
}
