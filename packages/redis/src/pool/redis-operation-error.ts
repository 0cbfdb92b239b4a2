/**
 * A Redis operation failed. `message` is the cause in one line and never holds a credential; `cause` is a copy of
 * the library's error without its command, since that carries the arguments of AUTH.
 */
export class RedisOperationError extends Error {
  /** true: the connection was lost or never came about, the server did not answer with an error. */
  readonly isConnectionFailure: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isConnectionFailure: boolean }) {
    super(message, options);
    this.name = "RedisOperationError";
    this.isConnectionFailure = options.isConnectionFailure;
  }
}
