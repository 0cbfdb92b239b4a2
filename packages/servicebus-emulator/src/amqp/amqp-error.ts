/**
 * A refusal in AMQP's own words: a condition (symbol) and a description for people.
 *
 * Thrown while a frame is handled it closes the connection with this condition; given to a link
 * or a delivery it travels in the detach or disposition frame (AMQP 1.0 part 2.8.14).
 */
export class AmqpError extends Error {
  override readonly name = "AmqpError";
  readonly condition: string;

  constructor(condition: string, description: string, options?: ErrorOptions) {
    super(description, options);
    this.condition = condition;
  }
}

/** Says that bytes are not valid AMQP 1.0; the connection which sent them is closed. */
export function decodeError(description: string): AmqpError {
  return new AmqpError("amqp:decode-error", description);
}

/** What to tell a peer of an error: whatever is not AMQP's is a mistake of the broker. */
export function asAmqpError(error: unknown): AmqpError {
  return error instanceof AmqpError
    ? error
    : new AmqpError(
        "amqp:internal-error",
        `The broker failed to handle a frame: ${String(error)}`,
        { cause: error },
      );
}
