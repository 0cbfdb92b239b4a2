type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads a token's claims without checking its signature: whoever it is shown to does that.
 * @returns null when the text is no JSON web token (RFC 7519).
 */
export function readClaims(token: string): Claims | null {
  const [, payload] = token.split(".");
  if (payload === undefined) {
    return null;
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return isClaims(claims) ? claims : null;
  } catch {
    // Not JSON: the caller says what that means.
    return null;
  }
}

/** The object id of the identity that a token was issued to; null where it names none. */
export function readObjectId(token: string): string | null {
  const objectId = readClaims(token)?.["oid"];
  return typeof objectId === "string" && objectId !== "" ? objectId : null;
}

function isClaims(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
