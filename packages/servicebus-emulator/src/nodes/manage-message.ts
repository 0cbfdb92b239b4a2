import { AmqpError, decodeError } from "../amqp/amqp-error.ts";
import { type AmqpMap, AmqpUuid } from "../amqp/amqp-value.ts";
import {
  arrayValue,
  binaryValue,
  listValue,
  mapValue,
  stringValue,
  timestampValue,
} from "../amqp/encode-value.ts";
import { asMap } from "../amqp/fields.ts";
import type { Outcome } from "../amqp/outcome.ts";
import { reorderLockToken } from "../entities/lock-token.ts";
import { messageLockLost } from "../entities/message-store.ts";
import { PlainStore } from "../entities/plain-store.ts";
import type { QueuedMessage } from "../entities/queued-message.ts";
import { SessionStore } from "../entities/session-store.ts";
import type { ManageRequest } from "./manage.ts";
import { type NodeResponse, ok } from "./request-node.ts";
import { settleDelivery } from "./settle-delivery.ts";

const maxPeekCount = 1000;

/** Prolongs the locks of messages; all of them must still hold. */
export function renewLocks(body: AmqpMap, request: ManageRequest): NodeResponse {
  const store = plainStore(request);
  const expirations = lockTokens(body).map((token) => {
    const lockedUntil = store.renewLock(token);
    if (lockedUntil === undefined) {
      throw messageLockLost();
    }
    return timestampValue(lockedUntil).subarray(1);
  });
  return ok(mapValue([stringValue("expirations"), arrayValue(0x83, expirations)]));
}

/** Shows messages from a sequence number on, locked ones included, and leaves them where they are. */
export function peekMessages(body: AmqpMap, request: ManageRequest): NodeResponse {
  if (body.get("omit-message-body") === true) {
    throw new AmqpError("amqp:not-implemented", "Peeking without bodies is not supported.");
  }
  const from = body.get("from-sequence-number");
  const count = body.get("message-count");
  if (typeof from !== "number" || typeof count !== "number") {
    throw decodeError("from-sequence-number and message-count are needed.");
  }
  const limit = Math.min(count, maxPeekCount);
  const sessionId = body.get("session-id");
  const store = receivingStore(request);
  const found =
    typeof sessionId === "string" && store instanceof SessionStore
      ? store.peekSession(sessionId, from, limit)
      : store.peek(from, limit);
  if (found.length === 0) {
    return { statusCode: 204, description: "No Content" };
  }
  return ok(mapValue([stringValue("messages"), listValue(found.map(peekedMessage))]));
}

/**
 * Settles messages by their lock tokens: what a client does when the link on which it got them is
 * gone.
 */
export function updateDisposition(body: AmqpMap, request: ManageRequest): NodeResponse {
  const store = plainStore(request);
  const outcome = requestedOutcome(body);
  for (const token of lockTokens(body)) {
    const lock = store.lock(token);
    const error = lock === undefined ? messageLockLost() : settleDelivery(store, lock, outcome);
    if (error !== undefined) {
      throw error;
    }
  }
  return ok();
}

function peekedMessage(queued: QueuedMessage): Buffer {
  const message = queued.message.encode({
    deliveryCount: queued.deliveryCount,
    ttlInMs: queued.ttlInMs,
    deadLetterSource: queued.deadLetterSource,
  });
  return mapValue([stringValue("message"), binaryValue(message)]);
}

function requestedOutcome(body: AmqpMap): Outcome {
  const annotations = asMap(body.get("properties-to-modify") ?? null);
  switch (optionalText(body, "disposition-status") ?? "") {
    case "completed":
      return { kind: "accepted" };
    case "abandoned":
      return { kind: "modified", isUndeliverableHere: false, annotations };
    case "defered":
      return { kind: "modified", isUndeliverableHere: true, annotations };
    case "suspended":
      return {
        kind: "rejected",
        condition: optionalText(body, "deadletter-reason"),
        description: optionalText(body, "deadletter-description"),
        info: annotations,
      };
    default:
      throw new AmqpError("amqp:not-implemented", "The disposition status is not known.");
  }
}

function optionalText(body: AmqpMap, key: string): string | undefined {
  const value = body.get(key);
  return typeof value === "string" ? value : undefined;
}

function lockTokens(body: AmqpMap): readonly Buffer[] {
  const tokens = body.get("lock-tokens");
  if (!Array.isArray(tokens)) {
    throw decodeError("lock-tokens must be an array of UUIDs.");
  }
  return tokens.map((token) => {
    if (!(token instanceof AmqpUuid)) {
      throw decodeError("lock-tokens must be an array of UUIDs.");
    }
    return reorderLockToken(token.bytes);
  });
}

function receivingStore({ entity, isDeadLetter }: ManageRequest): PlainStore | SessionStore {
  if (entity.kind === "topic") {
    throw new AmqpError("amqp:not-allowed", "A topic holds no messages; its subscriptions do.");
  }
  return isDeadLetter ? entity.mailbox.deadLetters : entity.mailbox.messages;
}

function plainStore(request: ManageRequest): PlainStore {
  const store = receivingStore(request);
  if (store instanceof PlainStore) {
    return store;
  }
  throw new AmqpError(
    "amqp:not-allowed",
    "Messages of an entity with sessions are locked with their session.",
  );
}
