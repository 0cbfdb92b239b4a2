import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageState } from "../messages/message-state.ts";
import type { RawPair } from "../messages/raw-pairs.ts";

/** A message in one queue or subscription. */
export interface QueuedMessage {
  readonly message: EnqueuedMessage;
  /** The time to live that holds here, in milliseconds; undefined without limit. */
  readonly ttlInMs: number | undefined;
  /** Broker time in milliseconds since 1970; undefined without limit. */
  readonly expiresAt: number | undefined;
  /** The entity it was dead-lettered from. */
  readonly deadLetterSource: string | undefined;
  /** How often it was delivered without success. */
  readonly deliveryCount: number;
  readonly state: MessageState;
}

/** Why a message goes to the dead-letter queue, as its properties will say. */
export interface DeadLetterReason {
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

/** The first messages in order, from a sequence number on. */
export function firstOf(
  candidates: readonly QueuedMessage[],
  options: { readonly fromSequenceNumber: number; readonly limit: number },
): readonly QueuedMessage[] {
  return candidates
    .filter((queued) => queued.message.sequenceNumber >= options.fromSequenceNumber)
    .sort((one, other) => one.message.sequenceNumber - other.message.sequenceNumber)
    .slice(0, options.limit);
}

/** The message as a client gets it. `lockedUntil`: broker time in milliseconds, when it is under a lock. */
export function encodeQueued(queued: QueuedMessage, lockedUntil: number | undefined): Buffer {
  const { message, deliveryCount, ttlInMs, deadLetterSource, state } = queued;
  return message.encode({ deliveryCount, ttlInMs, lockedUntil, deadLetterSource, state });
}

/** The size of messages in bytes. */
export function sizeOf(messages: readonly QueuedMessage[]): number {
  return messages.reduce((sum, { message }) => sum + message.content.size, 0);
}

/** A message with application properties added or replaced. */
export function withChanges(queued: QueuedMessage, changes: readonly RawPair[]): QueuedMessage {
  if (changes.length === 0) {
    return queued;
  }
  const { message } = queued;
  const content = message.content.withApplicationProperties(changes);
  return { ...queued, message: new EnqueuedMessage(content, message) };
}
