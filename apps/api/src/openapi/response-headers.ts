import type { HeaderObject } from "./open-api-document.ts";

/** The headers of answers that mean something. */
export const RESPONSE_HEADERS = {
  "X-Request-ID": {
    description: "The request's id, as it came or made here; it is in the log.",
    required: true,
    schema: { type: "string", pattern: "^[A-Za-z0-9._-]{1,128}$" },
  },
  "Retry-After": {
    description: "Seconds after which it is worth another try; at least 1.",
    required: true,
    schema: { type: "string", pattern: "^[1-9][0-9]*$" },
  },
  Location: {
    description: "Where the command's ledger entry is.",
    required: true,
    schema: { type: "string", pattern: "^/chaos/commands/" },
  },
  "Preference-Applied": {
    description: "The preference that was heeded (RFC 7240).",
    required: true,
    schema: { const: "respond-async" },
  },
} as const satisfies Record<string, HeaderObject>;
