import { readClaims } from "./token-claims.ts";

const AGO_IN_SECONDS = 3_600;

/**
 * A token that no server takes any more: the given one, as if it had expired an hour ago. Its signature does not fit
 * its claims; a server refuses it as it refuses an expired one (WRONGPASS).
 */
export function makeExpiredToken(token: string, nowInMs: number): string {
  const [header = "", , signature = ""] = token.split(".");
  const expiredAt = Math.floor(nowInMs / 1_000) - AGO_IN_SECONDS;
  const issuedAt = expiredAt - AGO_IN_SECONDS;
  const claims = { ...readClaims(token), iat: issuedAt, nbf: issuedAt, exp: expiredAt };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return [header, payload, signature].join(".");
}
