import { createHmac, generateKeyPairSync } from "node:crypto";
import { base64url, exportSPKI, generateKeyPair, importJWK } from "jose";
import type { StartedIdentity } from "./start-identity.ts";

/** A token that must not be taken, and why, as the audit log has it. */
export interface BadToken {
  readonly what: string;
  readonly reason: string;
  readonly make: (identity: StartedIdentity) => Promise<string>;
}

const HOUR_IN_SECONDS = 3_600;
const now = (): number => Math.floor(Date.now() / 1_000);

const byClaims = (
  what: string,
  reason: string,
  claims: (identity: StartedIdentity) => Record<string, unknown>,
): BadToken => ({ what, reason, make: (identity) => identity.token({ claims: claims(identity) }) });

/** Writes a token by hand, as no library would. */
function join(header: object, payload: object | string, signature: string): string {
  const part = (value: object | string): string =>
    base64url.encode(typeof value === "string" ? value : JSON.stringify(value));
  return `${part(header)}.${part(payload)}.${signature}`;
}

function partsOf(token: string): readonly [string, string, string] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
}

/** The good token's claims, with another header in front. */
async function withHeader(
  identity: StartedIdentity,
  header: object,
  sign: (input: string) => string,
): Promise<string> {
  const [, payload] = partsOf(await identity.token());
  const input = `${base64url.encode(JSON.stringify(header))}.${payload}`;
  return `${input}.${sign(input)}`;
}

async function signedWithPublicKey(identity: StartedIdentity): Promise<string> {
  const [jwk] = identity.published;
  const key = await importJWK({ ...jwk }, "RS256", { extractable: true });
  const pem = key instanceof Uint8Array ? "" : await exportSPKI(key);
  const header = { alg: "HS256", typ: "JWT", kid: jwk?.kid };
  return await withHeader(identity, header, (input) =>
    createHmac("sha256", pem).update(input).digest("base64url"),
  );
}

/** Tokens that were good but for one thing. */
export const BAD_TOKENS: readonly BadToken[] = [
  byClaims("expired an hour ago", "token-expired", () => ({ exp: now() - HOUR_IN_SECONDS })),
  byClaims("expired 90 s ago", "token-expired", () => ({ exp: now() - 90 })),
  byClaims("valid in an hour", "token-not-yet-valid", () => ({ nbf: now() + HOUR_IN_SECONDS })),
  byClaims("without an end", "token-claims", () => ({ exp: undefined })),
  byClaims("with a text for an end", "token-claims", () => ({ exp: "tomorrow" })),
  byClaims("of another issuer", "token-issuer", () => ({ iss: "https://evil.example/v2.0" })),
  byClaims("of another tenant's issuer", "token-issuer", ({ authority }) => ({
    iss: `${authority}/00000000-0000-4000-8000-000000000000/v2.0`,
  })),
  byClaims("without an issuer", "token-issuer", () => ({ iss: undefined })),
  byClaims("for another API", "token-audience", () => ({ aud: "api://another" })),
  byClaims("for nobody", "token-audience", () => ({ aud: undefined })),
  byClaims("for an audience that begins like this one's", "token-audience", ({ audience }) => ({
    aud: `${audience}0`,
  })),
  byClaims("of another tenant", "token-tenant", () => ({
    tid: "00000000-0000-4000-8000-000000000000",
  })),
  byClaims("without a tenant", "token-tenant", () => ({ tid: undefined })),
  byClaims("of nobody", "token-subject", () => ({ oid: undefined, azp: undefined })),
  byClaims("with an object for an id", "token-subject", () => ({ oid: { a: 1 }, azp: "\n" })),
  byClaims("that is an ID token", "token-type", () => ({ nonce: "abc" })),
  {
    what: "of another type",
    reason: "token-type",
    make: (identity) => identity.token({ header: { typ: "dpop+jwt" } }),
  },
  {
    what: "signed by a stranger under the tenant's key id",
    reason: "token-signature",
    make: async (identity) => identity.token({ key: (await generateKeyPair("RS256")).privateKey }),
  },
  {
    what: "signed with a key that nobody published",
    reason: "token-key-unknown",
    make: async (identity) =>
      identity.token({
        key: (await generateKeyPair("RS256")).privateKey,
        header: { kid: "unheard-of" },
      }),
  },
  {
    what: "signed with HMAC by the public key",
    reason: "token-algorithm",
    make: signedWithPublicKey,
  },
  {
    what: "signed with HMAC by any secret",
    reason: "token-algorithm",
    make: (identity) =>
      identity.token({ header: { alg: "HS512" }, key: new Uint8Array(64).fill(7) }),
  },
  {
    what: "signed with nothing (alg none)",
    reason: "token-algorithm",
    make: (identity) => withHeader(identity, { alg: "none", typ: "JWT" }, () => ""),
  },
  {
    what: "signed with nothing (alg NONE)",
    reason: "token-algorithm",
    make: (identity) => withHeader(identity, { alg: "NONE", typ: "JWT" }, () => ""),
  },
  {
    what: "signed with an elliptic curve",
    reason: "token-algorithm",
    make: async (identity) =>
      identity.token({
        header: { alg: "ES256" },
        key: (await generateKeyPair("ES256")).privateKey,
      }),
  },
  {
    what: "with its own key in the header",
    reason: "token-signature",
    make: async (identity) => {
      const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
      const jwk = publicKey.export({ format: "jwk" });
      const key = await importJWK({ ...privateKey.export({ format: "jwk" }) }, "RS256");
      return await identity.token({ header: { jwk }, key });
    },
  },
  {
    what: "with a critical header that nobody knows",
    reason: "token-algorithm",
    make: (identity) =>
      withHeader(identity, { alg: "RS256", crit: ["odd"], odd: 1, kid: "key-0" }, () => "AAAA"),
  },
  {
    what: "with another payload",
    reason: "token-signature",
    make: async (identity) => {
      const [header, , signature] = partsOf(await identity.token());
      const [, payload] = partsOf(await identity.token({ claims: { oid: "somebody-else" } }));
      return `${header}.${payload}.${signature}`;
    },
  },
  {
    what: "without its signature",
    reason: "token-signature",
    make: async (identity) => `${(await identity.token()).split(".").slice(0, 2).join(".")}.`,
  },
  {
    what: "with a payload that is no JSON",
    reason: "token-signature",
    make: () => Promise.resolve(join({ alg: "RS256", kid: "key-0" }, "no json", "AAAA")),
  },
  {
    what: "with a header that is no JSON",
    reason: "token-malformed",
    make: () => Promise.resolve("bm8.bm8.AAAA"),
  },
];
