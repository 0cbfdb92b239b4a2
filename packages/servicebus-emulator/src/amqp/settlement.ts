import type { AmqpError } from "./amqp-error.ts";
import type { Outcome } from "./outcome.ts";

/** Says that a verdict, or a message, is to get no answer at all. */
export const unanswered = Symbol("unanswered");

/**
 * Hears the peer's verdict on one delivery; returns the error to answer with, or undefined to
 * confirm it. Called at most once.
 */
export type Settlement = (outcome: Outcome) => AmqpError | typeof unanswered | undefined;
