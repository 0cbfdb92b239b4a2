import type { MemberError, ProblemCode } from "@fleetquake/contract";

export interface ProblemOptions extends ErrorOptions {
  /** Members beside the envelope; those that the code's row in the problem table lists. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly MemberError[];
  /** When it is worth another try, in milliseconds. @default 1000 where the status carries Retry-After */
  readonly retryAfterInMs?: number;
  /** Why, as the audit log names it. @default the code in lower case */
  readonly reason?: string;
  /** Who it was, for the audit log, where that is known. */
  readonly caller?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with a row of the problem table; the error handler turns it into the envelope. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  /** @param detail what was wrong and what would be right; the caller reads it. */
  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options);
    this.name = "ProblemError";
    this.code = code;
    this.options = options;
  }
}
