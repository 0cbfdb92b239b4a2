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
import { encodeQueued, firstOf, type QueuedMessage } from "../entities/queued-message.ts";
import { SessionStore } from "../entities/session-store.ts";
import { receptionFor } from "./held-session.ts";
import type { ManageRequest } from "./manage.ts";
import { plainStore, receivingStore } from "./management-store.ts";
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
  const wanted = typeof sessionId === "string" ? sessionId : undefined;
  const found = firstOf(
    [...peekStore(request, wanted, { from, limit }), ...peekScheduled(request, wanted, from)],
    { fromSequenceNumber: from, limit },
  );
  if (found.length === 0) {
    return { statusCode: 204, description: "No Content" };
  }
  return ok(mapValue([stringValue("messages"), listValue(found.map(peekedMessage))]));
}

interface PeekRange {
  readonly from: number;
  readonly limit: number;
}

function peekStore(
  request: ManageRequest,
  sessionId: string | undefined,
  { from, limit }: PeekRange,
): readonly QueuedMessage[] {
  const store = receivingStore(request);
  return sessionId !== undefined && store instanceof SessionStore
    ? store.peekSession(sessionId, from, limit)
    : store.peek(from, limit);
}

/** A queue shows what is scheduled, too; what a topic has scheduled is in no subscription yet. */
function peekScheduled(
  { entity, subQueue }: ManageRequest,
  sessionId: string | undefined,
  from: number,
): readonly QueuedMessage[] {
  if (entity.kind !== "queue" || subQueue !== "none") {
    return [];
  }
  const scheduled = entity.intake.scheduled.peek(from, Number.POSITIVE_INFINITY);
  return sessionId === undefined
    ? scheduled
    : scheduled.filter(({ message }) => message.content.properties.sessionId === sessionId);
}

/**
 * Settles messages by their lock tokens: what a client does when the link on which it got them is
 * gone, and with messages that it received by their numbers.
 */
export function updateDisposition(body: AmqpMap, request: ManageRequest): NodeResponse {
  const reception = receptionFor(body, request);
  const outcome = requestedOutcome(body);
  for (const token of lockTokens(body)) {
    const lock = reception.lock(token);
    const error = lock === undefined ? messageLockLost() : settleDelivery(reception, lock, outcome);
    if (error !== undefined) {
      throw error;
    }
  }
  return ok();
}

function peekedMessage(queued: QueuedMessage): Buffer {
  return mapValue([stringValue("message"), binaryValue(encodeQueued(queued, undefined))]);
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
