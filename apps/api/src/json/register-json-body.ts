import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../problems/problem-error.ts";
import { unsupportedMediaType } from "../problems/to-problem-error.ts";
import { JsonSyntaxError } from "./json-syntax-error.ts";
import { parseJson } from "./parse-json.ts";

const JSON_TYPES = /^application\/(?:json|[\w!#$&^.-]+\+json)\s*(?:;|$)/i;
const FOREIGN_CHARSET = /;\s*charset\s*=\s*"?(?!utf-?8"?\s*(?:;|$))/i;

/**
 * Reads bodies: JSON in UTF-8 or none. An empty body is no body, whatever its content type says; a body of any other
 * type is 415, also before its length is looked at.
 */
export function registerJsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook("onRequest", (request, _reply, done) => {
    done(checkFraming(request));
  });
  app.addContentTypeParser(JSON_TYPES, { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, readBody(Buffer.from(body)));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)), undefined);
    }
  });
  // The first byte decides; the rest is read away.
  app.addContentTypeParser("*", (_request, payload, done) => {
    payload.once("data", () => {
      payload.removeAllListeners("end");
      done(unsupportedMediaType(), undefined);
    });
    payload.once("end", () => done(null, undefined));
    payload.once("error", (error) => done(error, undefined));
  });
}

/** Takes the content type off a request whose framing says that nothing follows; refuses what cannot be read. */
function checkFraming(request: FastifyRequest): ProblemError | undefined {
  const { headers } = request.raw;
  const isChunked = headers["transfer-encoding"] !== undefined;
  if (!isChunked && Number(headers["content-length"] ?? 0) === 0) {
    delete headers["content-type"];
    return undefined;
  }
  if (["GET", "HEAD"].includes(request.method)) {
    return undefined;
  }
  const type = headers["content-type"] ?? "";
  const encoding = headers["content-encoding"] ?? "identity";
  // Chunked without a JSON type may still turn out to be empty: its parser decides.
  const isReadable = JSON_TYPES.test(type) ? !FOREIGN_CHARSET.test(type) : isChunked;
  return isReadable && encoding.toLowerCase() === "identity" ? undefined : unsupportedMediaType();
}

function readBody(bytes: Buffer): unknown {
  if (bytes.length === 0) {
    return undefined;
  }
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw new ProblemError(
        "MALFORMED_JSON",
        `The body is not acceptable JSON: ${error.message}.`,
        {
          cause: error,
          errors: [{ path: error.pointer, detail: error.message }],
        },
      );
    }
    throw new ProblemError("MALFORMED_JSON", "The body is not UTF-8, as JSON has to be.", {
      cause: error,
      errors: [{ path: "", detail: "is not UTF-8" }],
    });
  }
}
