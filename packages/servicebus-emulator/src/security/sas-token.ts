import { createHmac, timingSafeEqual } from "node:crypto";

import type { AccessPolicy, AccessRight } from "./access-policy.ts";

/** A token whose signature is right and whose time is not over. */
export interface VerifiedToken {
  /** What it is for: a path in lower case without scheme, host and query; empty for everything. */
  readonly resource: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly rights: readonly AccessRight[];
}

/** A token that is refused, and why. */
export interface RefusedToken {
  readonly refusal: string;
}

const prefix = "SharedAccessSignature ";

/**
 * Checks a shared access signature, `SharedAccessSignature sr=…&sig=…&se=…&skn=…`: the signature is
 * the HMAC-SHA256 of `<sr>\n<se>` as they stand in the token, under the key named by `skn`
 * (learn.microsoft.com/rest/api/eventhub/generate-sas-token).
 *
 * @param now Milliseconds since 1970.
 */
export function verifySasToken(
  token: string,
  policies: readonly AccessPolicy[],
  now: number,
): VerifiedToken | RefusedToken {
  if (!token.startsWith(prefix)) {
    return { refusal: "MalformedToken: The token is not a shared access signature." };
  }
  const fields = readFields(token.slice(prefix.length));
  const resource = fields.get("sr");
  const signature = decode(fields.get("sig"));
  const expiry = fields.get("se");
  const keyName = decode(fields.get("skn"));
  const path = decode(resource);
  if (resource === undefined || signature === undefined || expiry === undefined) {
    return { refusal: "MalformedToken: sr, sig, se and skn are all needed." };
  }
  const policy = policies.find((candidate) => candidate.name === keyName);
  if (policy === undefined || path === undefined) {
    return { refusal: "InvalidSignature: The token names no known key." };
  }
  const expected = createHmac("sha256", policy.key).update(`${resource}\n${expiry}`).digest();
  const given = Buffer.from(signature, "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { refusal: "InvalidSignature: The token has an invalid signature." };
  }
  const expiresAt = Number(expiry) * 1000;
  if (!(expiresAt > now)) {
    return { refusal: "ExpiredToken: The token is expired." };
  }
  return { resource: resourcePath(path), expiresAt, rights: policy.rights };
}

/** True when a token for `resource` covers a path: the same one, or one below it. */
export function coversPath(resource: string, path: string): boolean {
  const wanted = path.toLowerCase();
  return resource === "" || wanted === resource || wanted.startsWith(`${resource}/`);
}

function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of text.split("&")) {
    const equals = field.indexOf("=");
    if (equals > 0) {
      fields.set(field.slice(0, equals), field.slice(equals + 1));
    }
  }
  return fields;
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Brokers are reached under several host names, so only the path of a resource counts. */
function resourcePath(uri: string): string {
  return uri
    .toLowerCase()
    .replace(/^[a-z]+:\/\/[^/?]*/u, "")
    .replace(/\?.*$/u, "")
    .replaceAll(/^\/+|\/+$/gu, "");
}
