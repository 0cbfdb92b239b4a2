import { AmqpError } from "../amqp/amqp-error.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import { stringValue } from "../amqp/encode-value.ts";
import { looseValue } from "../amqp/loose-value.ts";
import type { Outcome } from "../amqp/outcome.ts";
import type { MessageLock } from "../entities/message-lane.ts";
import type { Reception } from "../entities/message-store.ts";
import type { RawPair } from "../messages/raw-pairs.ts";

/** The names under which a dead-letter reason travels in the error of a rejection. */
const reasonKey = "DeadLetterReason";
const descriptionKey = "DeadLetterErrorDescription";

/**
 * Does what a receiver says is to become of a message it holds: complete, abandon (also for
 * released), defer, dead-letter. Returns the error to answer with, or undefined when it is done.
 */
export function settleDelivery(
  reception: Reception,
  lock: MessageLock,
  outcome: Outcome,
): AmqpError | undefined {
  const { lane } = reception;
  switch (outcome.kind) {
    case "accepted":
      return lane.complete(lock) ? undefined : reception.lockLost(lock);
    case "released":
      return lane.abandon(lock, []) ? undefined : reception.lockLost(lock);
    case "modified":
      if (outcome.isUndeliverableHere) {
        return lane.defer(lock, changesOf(outcome.annotations))
          ? undefined
          : reception.lockLost(lock);
      }
      return lane.abandon(lock, changesOf(outcome.annotations))
        ? undefined
        : reception.lockLost(lock);
    case "rejected": {
      const reason = {
        reason: textOf(outcome.info, reasonKey) ?? outcome.condition,
        description: textOf(outcome.info, descriptionKey) ?? outcome.description,
      };
      const changes = changesOf(outcome.info).filter(
        ({ key }) => key !== reasonKey && key !== descriptionKey,
      );
      return lane.deadLetter(lock, reason, changes) ? undefined : reception.lockLost(lock);
    }
    case "unsupported":
      return new AmqpError("amqp:not-implemented", "Transactions are not supported.");
    default:
      return outcome satisfies never;
  }
}

function textOf(info: AmqpMap, key: string): string | undefined {
  const value = info.get(key);
  return typeof value === "string" ? value : undefined;
}

/** The properties that a settlement adds to the message; nulls, which the SDK sends, are left out. */
function changesOf(values: AmqpMap): readonly RawPair[] {
  const changes: RawPair[] = [];
  for (const [key, value] of values) {
    if (value !== null) {
      changes.push({ key, keyBytes: stringValue(key), valueBytes: looseValue(value) });
    }
  }
  return changes;
}
