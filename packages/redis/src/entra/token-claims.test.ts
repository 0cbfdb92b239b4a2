import { describe, expect, it } from "vitest";
import { makeExpiredToken } from "./expired-token.ts";
import { readClaims, readObjectId } from "./token-claims.ts";

function tokenOf(claims: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

describe("readObjectId", () => {
  it("reads the claim oid", () => {
    expect(readObjectId(tokenOf({ oid: "11111111-2222" }))).toBe("11111111-2222");
  });

  it.each([tokenOf({}), tokenOf({ oid: 7 }), tokenOf([]), tokenOf(null), "opaque", "a.b.c", ""])(
    "says of %j that it names none",
    (token) => {
      expect(readObjectId(token)).toBeNull();
    },
  );
});

describe("makeExpiredToken", () => {
  it("makes another token for the same identity, which expired an hour ago", () => {
    const nowInMs = Date.UTC(2026, 10, 25);
    const token = tokenOf({ oid: "o", exp: nowInMs / 1_000 + 60 });
    const expired = makeExpiredToken(token, nowInMs);
    expect(expired).not.toBe(token);
    expect(readClaims(expired)).toMatchObject({ oid: "o", exp: nowInMs / 1_000 - 3_600 });
  });

  it("makes something that no server takes also of a token that is none", () => {
    expect(makeExpiredToken("opaque", 0)).not.toBe("opaque");
  });
});
