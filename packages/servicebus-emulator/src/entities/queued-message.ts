import type { EnqueuedMessage } from "../messages/enqueued-message.ts";

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
}

/** Why a message goes to the dead-letter queue, as its properties will say. */
export interface DeadLetterReason {
  readonly reason: string | undefined;
  readonly description: string | undefined;
}
