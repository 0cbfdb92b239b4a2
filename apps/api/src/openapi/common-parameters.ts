import type { ParameterObject } from "./open-api-document.ts";

/** The headers that several operations read. */
export const COMMON_PARAMETERS = {
  RequestId: {
    name: "X-Request-ID",
    in: "header",
    description:
      "Names the request in the answer, in problems and in the log: 1 to 128 of `[A-Za-z0-9._-]`, anything else is replaced.",
    schema: { type: "string" },
    example: "deploy-42",
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Repeated by the same caller on the same route within 24 hours: the first outcome again, with `replayed: true`; nothing is injected.",
    schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,256}$" },
    example: "nightly-2026-11-23",
  },
  Prefer: {
    name: "Prefer",
    in: "header",
    description:
      "`respond-async` (RFC 7240): 202 at once, what comes of the command is in the ledger. Other preferences are ignored.",
    schema: { type: "string" },
    example: "respond-async",
  },
} as const satisfies Record<string, ParameterObject>;
