import type { IncomingMessage } from "node:http";
import { refusedCredential } from "./refused-credential.ts";

/** What a request presents to show who sent it. */
export type Credential =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "token"; readonly token: string };

/** 256 bits take 43 characters in base64url and 64 in hex; even with every printable character they take 40. */
const SHORTEST_KEY = 40;
const KEY = /^[\x21-\x7e]{1,512}$/;
/** RFC 6750 section 2.1, and a token has three parts. */
const BEARER = /^bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i;

/**
 * Finds a request's credential.
 * @returns null when there is none.
 * @throws {ProblemError} 401 when there is more than one, or one that cannot be any.
 */
export function readCredential(request: IncomingMessage): Credential | null {
  const keys = valuesOf(request, "x-api-key");
  const authorizations = valuesOf(request, "authorization");
  if (keys.length + authorizations.length > 1) {
    throw refusedCredential(
      "credentials-conflict",
      "Send one credential: either one Authorization header or one X-API-Key header.",
    );
  }
  const [key] = keys;
  if (key !== undefined) {
    return readKey(key);
  }
  const [authorization] = authorizations;
  return authorization === undefined ? null : readToken(authorization);
}

function readKey(key: string): Credential {
  if (!KEY.test(key)) {
    throw refusedCredential(
      "key-malformed",
      "X-API-Key must hold a key of printable characters without spaces.",
    );
  }
  if (key.length < SHORTEST_KEY) {
    throw refusedCredential(
      "key-too-short",
      `X-API-Key is shorter than a key of 256 bits can be (${SHORTEST_KEY} characters); make one with \`openssl rand -hex 32\`.`,
    );
  }
  return { kind: "key", key };
}

function readToken(authorization: string): Credential {
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    throw refusedCredential(
      "authorization-malformed",
      "Authorization must be `Bearer` and an access token (a JWT of three parts).",
    );
  }
  return { kind: "token", token };
}

/** Every value of a header as it came: Node's own view joins some of them and drops others. */
function valuesOf({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
}
