import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
} from "jose";

/** How the endpoint behaves that publishes a tenant's keys. */
export type IdentityMood = "fine" | "failing" | "silent" | "garbage" | "redirecting";

export interface MakeTokenOptions {
  /** Claims beside, or instead of, those of a good token; undefined takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Partial<JWTHeaderParameters>;
  /** @default the tenant's present key */
  readonly key?: CryptoKey | Uint8Array;
}

/** A tenant of Microsoft Entra ID as far as an API sees it: an endpoint with its keys, and tokens. */
export interface StartedIdentity extends AsyncDisposable {
  readonly authority: string;
  readonly tenantId: string;
  readonly audience: string;
  /** How often the keys were asked for. */
  readonly requests: number;
  /** The public keys as they are published. */
  readonly published: readonly JWK[];
  mood: IdentityMood;
  /** A new signing key in place of the old one. */
  rotate(): Promise<void>;
  /** A token of version 2 with the role Chaos.Operate, changed as given. */
  token(options?: MakeTokenOptions): Promise<string>;
}

const TENANT = "9f3c2a10-0000-4000-8000-00000000000a";
const AUDIENCE = "11111111-2222-4333-8444-555555555555";
export const OBJECT_ID = "22222222-3333-4444-8555-666666666666";
const LIFETIME_IN_SECONDS = 600;

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** Starts the endpoint on a free port. */
export async function startIdentity(): Promise<StartedIdentity> {
  let made = 0;
  const state = { mood: "fine" as IdentityMood, requests: 0, key: await makeSigningKey(made) };
  const server = createServer((request, response) => {
    state.requests += 1;
    const isKeys = request.url === `/${TENANT}/discovery/v2.0/keys`;
    answer(response, isKeys ? state.mood : "failing", [state.key.jwk]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const authority = `http://127.0.0.1:${port}`;
  return {
    authority,
    tenantId: TENANT,
    audience: AUDIENCE,
    get requests() {
      return state.requests;
    },
    get published() {
      return [state.key.jwk];
    },
    get mood() {
      return state.mood;
    },
    set mood(mood) {
      state.mood = mood;
    },
    async rotate() {
      made += 1;
      state.key = await makeSigningKey(made);
    },
    token: (options) => makeToken(authority, state.key, options),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function makeSigningKey(number: number): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = `key-${number}`;
  // As Entra ID publishes them: with a use, without an algorithm.
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig" } };
}

function makeToken(
  authority: string,
  { kid, privateKey }: SigningKey,
  { claims = {}, header = {}, key = privateKey }: MakeTokenOptions = {},
): Promise<string> {
  const nowInSeconds = Math.floor(Date.now() / 1_000);
  return new SignJWT({
    iss: `${authority}/${TENANT}/v2.0`,
    aud: AUDIENCE,
    tid: TENANT,
    oid: OBJECT_ID,
    azp: "33333333-4444-4555-8666-777777777777",
    ver: "2.0",
    roles: ["Chaos.Operate"],
    iat: nowInSeconds,
    nbf: nowInSeconds,
    exp: nowInSeconds + LIFETIME_IN_SECONDS,
    ...claims,
  })
    .setProtectedHeader({ typ: "JWT", alg: "RS256", kid, ...header })
    .sign(key);
}

function answer(response: ServerResponse, mood: IdentityMood, keys: readonly JWK[]): void {
  switch (mood) {
    case "fine":
      response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
      break;
    case "failing":
      response.writeHead(500).end("{}");
      break;
    case "silent":
      // Headers come, the body never does.
      response.writeHead(200).flushHeaders();
      break;
    case "garbage":
      response.end("<html>maintenance</html>");
      break;
    case "redirecting":
      response.writeHead(302, { location: "http://169.254.169.254/" }).end();
      break;
  }
}
