import type { AmqpError } from "../amqp/amqp-error.ts";
import type { Outcome } from "../amqp/outcome.ts";
import { unanswered } from "../amqp/settlement.ts";
import type { MessageLock } from "../entities/message-lane.ts";
import type { Reception } from "../entities/message-store.ts";
import { settleDelivery } from "./settle-delivery.ts";

/**
 * Settles a delivery, unless a fault loses what the client says or what the broker answers, or the disk takes
 * no changes.
 */
export function settleOrLose(
  reception: Reception,
  lock: MessageLock,
  outcome: Outcome,
): AmqpError | typeof unanswered | undefined {
  const { refusesChanges, settlements } = reception.lane.faults;
  if (refusesChanges !== undefined) {
    return refusesChanges;
  }
  const lost = settlements?.next();
  if (lost === "request") {
    return unanswered;
  }
  const error = settleDelivery(reception, lock, outcome);
  return lost === "answer" ? unanswered : error;
}
