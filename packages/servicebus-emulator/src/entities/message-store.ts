import { AmqpError } from "../amqp/amqp-error.ts";
import type { FaultHooks } from "../faults/fault-hooks.ts";
import type { Clock } from "./clock.ts";
import type { LockTokenSource } from "./lock-token.ts";
import type { MessageLane, MessageLock } from "./message-lane.ts";
import type { MessageLog } from "./message-log.ts";
import type { DeadLetterReason, QueuedMessage } from "./queued-message.ts";

/** How a store treats its messages. */
export interface StoreOptions {
  readonly clock: Clock;
  readonly lockTokens: LockTokenSource;
  readonly faults: FaultHooks;
  /** Where changes are noted; undefined when nothing is kept. */
  readonly log?: MessageLog | undefined;
  /** How long a lock holds that is granted now: an update of the entity may change it. */
  lockDurationInMs(): number;
  /** After how many deliveries a message is dead-lettered. */
  maxDeliveryCount(): number;
  discardExpired(queued: QueuedMessage): void;
  deadLetter(queued: QueuedMessage, reason: DeadLetterReason): void;
}

/** How many messages a store holds. */
export interface MessageCounts {
  readonly available: number;
  readonly locked: number;
  readonly deferred: number;
}

/** The messages of a queue, subscription or dead-letter queue. */
export interface MessageStore {
  readonly counts: MessageCounts;
  /** The size of all its messages in bytes, counted when somebody asks. */
  readonly sizeInBytes: number;
  put(queued: QueuedMessage): void;
  peek(fromSequenceNumber: number, limit: number): readonly QueuedMessage[];
  /** Delivers what waits and may go. */
  dispatch(): void;
  /** Lets every lock run out now; returns how many there were. */
  expireLocks(): number;
  /** Disposes of messages whose time to live is over. */
  sweep(): void;
  /** Stops every timer; the entity is gone. */
  close(): void;
}

/** A receiver's place in a store: where its verdicts go. */
export interface Reception {
  readonly lane: MessageLane;
  /** The lock under a token, while it holds. */
  lock(token: Buffer): MessageLock | undefined;
  /** The error for a verdict that comes after the lock was lost. */
  lockLost(lock: MessageLock): AmqpError;
}

/** Says that the lock on a message has run out, as Service Bus words it. */
export function messageLockLost(): AmqpError {
  return new AmqpError(
    "com.microsoft:message-lock-lost",
    "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.",
  );
}

/** Says that the lock on a session has run out. */
export function sessionLockLost(sessionId: string): AmqpError {
  return new AmqpError(
    "com.microsoft:session-lock-lost",
    `The session lock on '${sessionId}' has expired. Accept a new session.`,
  );
}
