import type { AmqpError } from "../amqp/amqp-error.ts";
import type { QueuedMessage } from "../entities/queued-message.ts";

/** Holds deliveries back. */
export interface DeliveryHold {
  /** How long the oldest message of a lane still has to wait, in milliseconds; 0 when it may go. */
  waitInMs(oldest: QueuedMessage, now: number): number;
}

/** Makes deliveries happen twice. */
export interface DeliveryCopies {
  /** What is to be delivered once more; undefined when this delivery is a copy itself. */
  copyOf(queued: QueuedMessage): QueuedMessage | undefined;
}

/**
 * What of a settlement gets lost: what a receiver says, what the broker answers to that, or the receipt for a message
 * that a sender hears from the broker.
 */
export type LostPart = "request" | "answer" | "receipt";

/** Loses settlements. */
export interface SettlementLoss {
  /** What of a receiver's next settlement gets lost; undefined when it gets through. */
  next(): Exclude<LostPart, "receipt"> | undefined;
  /** Whether the receipt for the message that was sent just now gets lost. */
  losesReceipt(): boolean;
}

/** Counts what operations cost. */
export interface OperationCredits {
  /** Takes credits. @throws AmqpError com.microsoft:server-busy when there are none left. */
  spend(credits: number): void;
  /** Takes credits for what has been done already. */
  charge(credits: number): void;
}

/**
 * The faults that are on, where the broker's own paths look them up. While none is on, a lookup finds
 * an empty set or undefined, and that is all it costs.
 */
export interface FaultHooks {
  readonly holds: Set<DeliveryHold>;
  /** True while the newest message of a lane is delivered first. */
  deliversNewestFirst: boolean;
  copies: DeliveryCopies | undefined;
  settlements: SettlementLoss | undefined;
  credits: OperationCredits | undefined;
  /** Why no change can be taken at present: the disk fails on which changes are kept. */
  refusesChanges: AmqpError | undefined;
  /** Requests to the admin REST wait for it while the broker is frozen. */
  thaw: Promise<void> | undefined;
}

/** No fault is on. */
export function noFaults(): FaultHooks {
  return {
    holds: new Set(),
    deliversNewestFirst: false,
    copies: undefined,
    settlements: undefined,
    credits: undefined,
    refusesChanges: undefined,
    thaw: undefined,
  };
}
