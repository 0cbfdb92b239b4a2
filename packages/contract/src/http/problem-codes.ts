/** What a problem code stands for. */
export interface ProblemDefinition {
  readonly status: number;
  readonly when: string;
  /** Members beside the envelope that the answer may carry. */
  readonly members: readonly string[];
}

const retry = ["retry_after_ms"] as const;
const outcome = [
  "replayed",
  "command_id",
  "outcome",
  "published",
  "connections_closed",
  "duration_ms",
  "skew_ms",
  "skew_uncertainty_ms",
  "block_seconds",
  "verification",
  "fleet",
  "replicas",
  "level",
  "mode",
  "scope",
  "duration_seconds",
  "unconfirmed",
  "cancelled_command_id",
  "fault",
  "halted",
] as const;

/** Every 4xx and 5xx answer carries one of these as `code`. */
export const PROBLEM_CODES = {
  MALFORMED_REQUEST: {
    status: 400,
    when: "The bytes are not a well-formed HTTP request.",
    members: [],
  },
  MALFORMED_JSON: {
    status: 400,
    when: "The body is not JSON, or repeats a key.",
    members: ["errors"],
  },
  VALIDATION_FAILED: {
    status: 400,
    when: "A member, parameter or header is wrong.",
    members: ["errors"],
  },
  UNAUTHENTICATED: {
    status: 401,
    when: "No credential came, or one that is not accepted.",
    members: [],
  },
  FORBIDDEN: { status: 403, when: "The caller may do less than this takes.", members: [] },
  HOST_NOT_ALLOWED: {
    status: 403,
    when: "The Host is not one this API is reached by.",
    members: [],
  },
  ORIGIN_NOT_ALLOWED: { status: 403, when: "A write comes from a foreign web page.", members: [] },
  FORWARDED_NOT_ALLOWED: {
    status: 403,
    when: "A proxy forwards to an API that has no authentication configured.",
    members: [],
  },
  NOT_FOUND: { status: 404, when: "There is no such path.", members: [] },
  CHAOS_NO_TARGETS: {
    status: 404,
    when: "The target matches no replica, or none is known.",
    members: [],
  },
  UNKNOWN_REPLICA: { status: 404, when: "A replica id is not on the roster.", members: ["errors"] },
  UNKNOWN_COMMAND: { status: 404, when: "A command id is not in the ledger.", members: [] },
  METHOD_NOT_ALLOWED: {
    status: 405,
    when: "The path does not answer to this method.",
    members: [],
  },
  REQUEST_TIMEOUT: { status: 408, when: "The request did not arrive in time.", members: [] },
  CHAOS_COLLECTING: {
    status: 409,
    when: "Another command of this fault is still collecting answers.",
    members: ["command_id", ...retry],
  },
  CHAOS_ALREADY_ACTIVE: {
    status: 409,
    when: "A fault of this kind still lasts.",
    members: ["command_id", ...retry],
  },
  COMMAND_NOT_RUNNING: {
    status: 409,
    when: "Nothing of the command runs any more.",
    members: ["command_id", ...retry],
  },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    when: "The first request with this Idempotency-Key has no outcome yet.",
    members: ["command_id", ...retry],
  },
  PAYLOAD_TOO_LARGE: { status: 413, when: "The body is larger than 64 KiB.", members: [] },
  URI_TOO_LONG: { status: 414, when: "The path or query is too long.", members: [] },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    when: "A body came without a JSON content type.",
    members: [],
  },
  EXPECTATION_FAILED: {
    status: 417,
    when: "The Expect header asks for something other than 100-continue.",
    members: [],
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    when: "The Idempotency-Key was used with another body.",
    members: ["command_id"],
  },
  CHAOS_HALTED: {
    status: 423,
    when: "The fleet is halted; no fault is injected until the halt is released.",
    members: ["halt"],
  },
  CHAOS_COOLING_DOWN: {
    status: 429,
    when: "The cool-down of the last accepted command has not passed.",
    members: ["command_id", ...retry],
  },
  TOO_MANY_FAILURES: {
    status: 429,
    when: "Too many credentials from this address were refused.",
    members: retry,
  },
  HEADERS_TOO_LARGE: { status: 431, when: "The header fields are too large.", members: [] },
  INTERNAL_ERROR: { status: 500, when: "The API failed; the log has the request id.", members: [] },
  CHAOS_ALL_REFUSED: {
    status: 502,
    when: "Every targeted replica answered and none did it.",
    members: outcome,
  },
  CHAOS_ROSTER_WARMING: {
    status: 503,
    when: "This API has not yet heard the whole fleet.",
    members: retry,
  },
  CHAOS_BUS_UNAVAILABLE: {
    status: 503,
    when: "The bus cannot be reached; nothing was published.",
    members: [...retry, "halt"],
  },
  REDIS_NOT_INITIALIZED: {
    status: 503,
    when: "Redis is disabled on every target.",
    members: retry,
  },
  REDIS_OPERATION_FAILED: {
    status: 503,
    when: "A Redis operation of the sample failed.",
    members: retry,
  },
  IDENTITY_UNAVAILABLE: {
    status: 503,
    when: "The keys of Microsoft Entra ID cannot be fetched, so that a token cannot be checked.",
    members: retry,
  },
  EVENT_STREAMS_FULL: {
    status: 503,
    when: "As many clients as this API serves listen to its events already.",
    members: retry,
  },
  SHUTTING_DOWN: { status: 503, when: "This API is ending.", members: retry },
  CHAOS_PARTIAL: {
    status: 504,
    when: "`require` is complete and the outcome is partial.",
    members: outcome,
  },
  CHAOS_NO_ANSWER: { status: 504, when: "No replica answered by the deadline.", members: outcome },
} as const satisfies Record<string, ProblemDefinition>;

/** A code of the problem table. */
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** The codes of the problem table by name. */
export const PROBLEM_CODE_NAMES = Object.keys(PROBLEM_CODES).filter((name) => isProblemCode(name));

function isProblemCode(name: string): name is ProblemCode {
  return Object.hasOwn(PROBLEM_CODES, name);
}
