import type { AmqpError } from "./amqp-error.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Hears the peer's verdict on one delivery; returns the error to answer with, or undefined to
 * confirm it. Called at most once.
 */
export type Settlement = (outcome: Outcome) => AmqpError | undefined;
