import { ProblemError } from "./problem-error.ts";

const LIMIT_TEXT = "a body may have at most 64 KiB";

/**
 * Turns what Fastify or a route threw into a row of the problem table. Whatever is not expected is a 500 without
 * internals; the log has them under the request's id.
 */
export function toProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) {
    return error;
  }
  switch (codeOf(error)) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new ProblemError("PAYLOAD_TOO_LARGE", `The body is too large: ${LIMIT_TEXT}.`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return unsupportedMediaType();
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new ProblemError(
        "MALFORMED_REQUEST",
        "The body is not as long as Content-Length says.",
      );
    case "FST_ERR_BAD_URL":
      return new ProblemError(
        "MALFORMED_REQUEST",
        "The path is not well percent-encoded: each % needs two hexadecimal digits and the bytes must be UTF-8.",
      );
    case "FST_ERR_MAX_PARAM_LENGTH":
      return uriTooLong();
    default:
      return new ProblemError(
        "INTERNAL_ERROR",
        "The API failed to answer; the log tells why under this request id.",
        { cause: error },
      );
  }
}

/** A body came without a JSON content type. */
export function unsupportedMediaType(): ProblemError {
  return new ProblemError(
    "UNSUPPORTED_MEDIA_TYPE",
    "A body needs `Content-Type: application/json` in UTF-8, and no Content-Encoding; or send no body.",
    { headers: { accept: "application/json" } },
  );
}

/** The path or the query is longer than any of the contract. */
export function uriTooLong(): ProblemError {
  return new ProblemError(
    "URI_TOO_LONG",
    "The path is too long: path and query may have 8192 characters, an id in it 1024.",
  );
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
