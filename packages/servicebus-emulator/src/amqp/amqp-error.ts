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
