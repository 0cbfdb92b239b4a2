/** A fault was not begun, and nothing was done: the process cannot give what was asked for. */
export class FaultRefusedError extends Error {
  /** In capitals: `INSUFFICIENT_MEMORY`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FaultRefusedError";
    this.code = code;
  }
}
