import type { MessageContent } from "../messages/message-content.ts";
import type { DeadLetterReason } from "./queued-message.ts";

/** A message on its way into an entity, from a sender or from another entity. */
export interface Arrival {
  readonly content: MessageContent;
  /** How many times it has been forwarded. */
  readonly hops: number;
  /** Its number in the entity that took it from its sender, once it was forwarded. */
  readonly enqueuedSequenceNumber: number | undefined;
  /** The entity it was dead-lettered from, on its way to where dead letters are forwarded. */
  readonly deadLetterSource: string | undefined;
}

/**
 * Passes a message on to another entity by its path; returns why it could not, or undefined when it
 * has arrived.
 */
export type Forward = (target: string, arrival: Arrival) => DeadLetterReason | undefined;

/** A message as it comes from its sender. */
export function firstArrival(content: MessageContent): Arrival {
  return { content, hops: 0, enqueuedSequenceNumber: undefined, deadLetterSource: undefined };
}
