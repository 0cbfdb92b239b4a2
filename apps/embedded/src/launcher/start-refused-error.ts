/**
 * Thrown when the fleet cannot start for a reason that the user can put right; the message says what is wrong and what
 * would be right, so that no stack is printed with it.
 */
export class StartRefusedError extends Error {
  override readonly name = "StartRefusedError";
}
