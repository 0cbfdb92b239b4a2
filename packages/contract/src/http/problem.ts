/** One invalid member of a request. */
export interface MemberError {
  /** JSON pointer into the body, or the name of a header or query parameter. */
  readonly path: string;
  readonly detail: string;
}

/** The envelope of every 4xx and 5xx answer: RFC 9457 with the members of the original contract. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  /** The HTTP reason phrase, as `title`. */
  readonly error: string;
  readonly timestamp: string;
  readonly request_id: string;
  readonly errors?: readonly MemberError[];
  readonly [extension: string]: unknown;
}
