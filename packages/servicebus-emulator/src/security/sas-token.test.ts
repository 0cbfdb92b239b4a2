import { createHmac } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { AccessPolicy } from "./access-policy.ts";
import { allowsAdmin } from "./allows-admin.ts";
import { ConnectionClaims } from "./connection-claims.ts";
import { coversPath, verifySasToken } from "./sas-token.ts";

const now = Date.UTC(2026, 0, 1);
const policies: readonly AccessPolicy[] = [
  { name: "root key", key: "c2VjcmV0", rights: ["Manage"] },
  { name: "sender", key: "other", rights: ["Send"] },
];

function tokenFor(
  resource: string,
  { key = "c2VjcmV0", name = "root key", expiresInS = 60 } = {},
): string {
  const sr = encodeURIComponent(resource);
  const se = now / 1000 + expiresInS;
  const sig = encodeURIComponent(createHmac("sha256", key).update(`${sr}\n${se}`).digest("base64"));
  return `SharedAccessSignature sr=${sr}&sig=${sig}&se=${se}&skn=${encodeURIComponent(name)}`;
}

describe("verifySasToken", () => {
  it("takes a token whose signature is right, with its path, expiry and rights", () => {
    expect(verifySasToken(tokenFor("sb://127.0.0.1:5672/Topic/Sub/"), policies, now)).toEqual({
      resource: "topic/sub",
      expiresAt: now + 60_000,
      rights: ["Manage"],
    });
  });

  it("takes the fields in any order, and the admin client's lower-case form", () => {
    const url = "https://127.0.0.1:1/q?api-version=2021-05";
    const sr = encodeURIComponent(url).toLowerCase();
    const se = now / 1000 + 60;
    const sig = createHmac("sha256", "other").update(`${sr}\n${se}`).digest("base64");
    const token = `SharedAccessSignature sig=${encodeURIComponent(sig)}&se=${se}&skn=sender&sr=${sr}`;
    expect(verifySasToken(token, policies, now)).toMatchObject({ resource: "q", rights: ["Send"] });
  });

  it.each<[string, string, string]>([
    ["of a wrong key", tokenFor("sb://h/q", { key: "guess" }), "InvalidSignature"],
    ["of an unknown key name", tokenFor("sb://h/q", { name: "nobody" }), "InvalidSignature"],
    ["of another key's name", tokenFor("sb://h/q", { name: "sender" }), "InvalidSignature"],
    ["that has expired", tokenFor("sb://h/q", { expiresInS: 0 }), "ExpiredToken"],
    ["for a changed resource", tokenFor("sb://h/q").replace("%2Fq", "%2Fr"), "InvalidSignature"],
    ["without signature", "SharedAccessSignature sr=q&se=1&skn=sender", "MalformedToken"],
    [
      "with a broken escape",
      "SharedAccessSignature sr=%zz&sig=%zz&se=1&skn=sender",
      "MalformedToken",
    ],
    ["of another kind", "Bearer abc", "MalformedToken"],
    ["that is empty", "", "MalformedToken"],
  ])("refuses a token %s", (_name, token, reason) => {
    expect(verifySasToken(token, policies, now)).toEqual({
      refusal: expect.stringContaining(reason),
    });
  });
});

describe("coversPath", () => {
  it("covers the resource and what lies below it, whatever the case, and nothing beside it", () => {
    expect(coversPath("q", "Q/$management")).toBe(true);
    expect(coversPath("", "anything")).toBe(true);
    expect(coversPath("q", "queue")).toBe(false);
    expect(coversPath("q/$management", "q")).toBe(false);
  });
});

describe("ConnectionClaims", () => {
  it("allows what its tokens allow, until they expire", () => {
    const claims = new ConnectionClaims();
    expect(claims.allow("q", "Send", now)).toBe(false);
    claims.put("a", { resource: "q", expiresAt: now + 1000, rights: ["Send"] });
    expect(claims.allow("q", "Send", now)).toBe(true);
    expect(claims.allow("q", "Listen", now)).toBe(false);
    expect(claims.allow("r", "Send", now)).toBe(false);
    expect(claims.allow("q", "Send", now + 1000)).toBe(false);
    claims.put("a", { resource: "q", expiresAt: now + 2000, rights: ["Manage"] });
    expect(claims.allow("q", "Listen", now + 1000)).toBe(true);
  });
});

describe("allowsAdmin", () => {
  it("asks for Manage on the path, and says what is missing", () => {
    const access = { policies, now };
    expect(allowsAdmin(tokenFor("https://h/q"), "/q", access)).toBeUndefined();
    expect(allowsAdmin(undefined, "/q", access)).toContain("MissingToken");
    expect(allowsAdmin(tokenFor("https://h/q"), "/r", access)).toContain("Unauthorized");
    const sender = tokenFor("https://h/q", { key: "other", name: "sender" });
    expect(allowsAdmin(sender, "/q", access)).toContain("Unauthorized");
  });
});
