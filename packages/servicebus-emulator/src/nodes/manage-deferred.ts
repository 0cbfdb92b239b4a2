import { AmqpError } from "../amqp/amqp-error.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import { binaryValue, listValue, mapValue, stringValue, uuidValue } from "../amqp/encode-value.ts";
import { reorderLockToken } from "../entities/lock-token.ts";
import type { MessageLane } from "../entities/message-lane.ts";
import { encodeQueued, type QueuedMessage } from "../entities/queued-message.ts";
import { receptionFor } from "./held-session.ts";
import type { ManageRequest } from "./manage.ts";
import { readSequenceNumbers } from "./read-sequence-numbers.ts";
import { type NodeResponse, ok } from "./request-node.ts";

/** Hands out deferred messages by their numbers: under locks, or for good. All or none. */
export function receiveBySequenceNumber(body: AmqpMap, request: ManageRequest): NodeResponse {
  const { lane } = receptionFor(body, request);
  const isLocking = body.get("receiver-settle-mode") !== 0;
  const sequenceNumbers = readSequenceNumbers(body);
  const taken = lane.takeDeferred(sequenceNumbers);
  if (taken === undefined) {
    throw new AmqpError(
      "com.microsoft:message-not-found",
      `Failed to lock one or more specified messages: ${sequenceNumbers.join(", ")}. They are not deferred here.`,
    );
  }
  const messages = taken.map((queued) => deferredMessage(queued, lane, { isLocking }));
  return ok(mapValue([stringValue("messages"), listValue(messages)]));
}

function deferredMessage(
  queued: QueuedMessage,
  lane: MessageLane,
  { isLocking }: { readonly isLocking: boolean },
): Buffer {
  const lock = isLocking ? lane.lock(queued) : undefined;
  if (!isLocking) {
    lane.release(queued);
  }
  const message = encodeQueued(queued, lock?.lockedUntil);
  const entries = [stringValue("message"), binaryValue(message)];
  if (lock !== undefined) {
    entries.push(stringValue("lock-token"), uuidValue(reorderLockToken(lock.token)));
  }
  return mapValue(entries);
}
