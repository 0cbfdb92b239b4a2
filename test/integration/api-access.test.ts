import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BAD_TOKENS } from "../support/bad-tokens.ts";
import {
  freshAddress,
  makeApiKey,
  sha256Of,
  startGuardedApi,
  type GuardedApi,
} from "../support/guarded-api.ts";
import { OBJECT_ID } from "../support/start-identity.ts";

let guarded: GuardedApi;

beforeAll(async () => {
  guarded = await startGuardedApi();
});

afterAll(async () => {
  await guarded?.[Symbol.asyncDispose]();
});

interface BadRequest {
  readonly what: string;
  readonly status?: number;
  readonly code?: string;
  readonly reason: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  /** Lines of the request, made when the keys are there. */
  readonly headers?: (api: GuardedApi) => readonly string[];
}

const POST_RESET = { method: "POST", path: "/chaos/redis-reset" } as const;
const JSON_TYPE = "Content-Type: application/json";
const key = (value: string): string => `X-API-Key: ${value}`;

const BAD_KEYS: readonly BadRequest[] = [
  { what: "a key that is none", reason: "key-unknown", headers: () => [key(makeApiKey())] },
  {
    what: "a key without its end",
    reason: "key-unknown",
    headers: (a) => [key(a.readKey.slice(0, -1))],
  },
  {
    what: "a key with something behind",
    reason: "key-unknown",
    headers: (a) => [key(`${a.readKey}0`)],
  },
  {
    what: "a key in capitals",
    reason: "key-unknown",
    headers: (a) => [key(`${a.readKey.toUpperCase()}A`)],
  },
  {
    what: "the hash of a key",
    reason: "key-unknown",
    headers: (a) => [key(sha256Of(a.operateKey))],
  },
  { what: "an empty key", reason: "key-malformed", headers: () => ["X-API-Key:"] },
  { what: "a key of spaces", reason: "key-malformed", headers: () => ["X-API-Key:    "] },
  {
    what: "two keys in one",
    reason: "key-malformed",
    headers: (a) => [key(`${a.readKey}, ${a.readKey}`)],
  },
  {
    what: "a key with other letters",
    reason: "key-malformed",
    headers: (a) => [key(`${a.readKey}é`)],
  },
  { what: "an endless key", reason: "key-malformed", headers: () => [key("k".repeat(4_000))] },
  { what: "a short key", reason: "key-too-short", headers: () => [key("secret")] },
  {
    what: "the same key twice",
    reason: "credentials-conflict",
    headers: (a) => [key(a.readKey), key(a.readKey)],
  },
  {
    what: "a good and a bad key",
    reason: "credentials-conflict",
    headers: (a) => [key(a.operateKey), key("x")],
  },
  {
    what: "a key and a token",
    reason: "credentials-conflict",
    headers: (a) => [key(a.operateKey), "Authorization: Bearer a.b.c"],
  },
  {
    what: "two tokens",
    reason: "credentials-conflict",
    headers: () => ["Authorization: Bearer a.b.c", "Authorization: Bearer a.b.c"],
  },
  {
    what: "a key as a token",
    reason: "authorization-malformed",
    headers: (a) => [`Authorization: Bearer ${a.operateKey}`],
  },
  { what: "no token", reason: "authorization-malformed", headers: () => ["Authorization: Bearer"] },
  {
    what: "an empty authorization",
    reason: "authorization-malformed",
    headers: () => ["Authorization:"],
  },
  {
    what: "another scheme",
    reason: "authorization-malformed",
    headers: (a) => [
      `Authorization: Basic ${Buffer.from(`ci:${a.operateKey}`).toString("base64")}`,
    ],
  },
  {
    what: "a token of two parts",
    reason: "authorization-malformed",
    headers: () => ["Authorization: Bearer a.b"],
  },
  {
    what: "an encrypted token",
    reason: "authorization-malformed",
    headers: () => ["Authorization: Bearer a.b.c.d.e"],
  },
  { what: "a key in the query", reason: "credential-missing", path: "/chaos/status?api_key=none" },
  {
    what: "a key in a cookie",
    reason: "credential-missing",
    headers: () => ["Cookie: X-API-Key=none"],
  },
];

const NOBODY: readonly BadRequest[] = [
  ...["/", "/chaos/replicas", "/chaos/commands", "/metrics", "/openapi.json", "/docs", "/nope"].map(
    (path) => ({ what: `${path} without a credential`, reason: "credential-missing", path }),
  ),
  { what: "a reset without a credential", reason: "credential-missing", ...POST_RESET },
  {
    what: "a body that is too large, without a credential",
    reason: "credential-missing",
    ...POST_RESET,
    headers: () => [JSON_TYPE],
    body: "x".repeat(70_000),
  },
  {
    what: "a body that is no JSON, without a credential",
    reason: "credential-missing",
    ...POST_RESET,
    headers: () => ["Content-Type: text/plain"],
    body: "force",
  },
  { what: "a method that is not there", reason: "credential-missing", method: "DELETE", path: "/" },
  {
    what: "OPTIONS of a route",
    reason: "credential-missing",
    method: "OPTIONS",
    path: "/chaos/redis-reset",
  },
  { what: "OPTIONS *", reason: "credential-missing", method: "OPTIONS", path: "*" },
  { what: "TRACE", reason: "credential-missing", method: "TRACE", path: "/chaos/status" },
  { what: "a path that is badly encoded", reason: "credential-missing", path: "/chaos/%zz" },
  { what: "a path that is too long", reason: "credential-missing", path: `/${"a".repeat(9_000)}` },
  {
    what: "an expectation",
    reason: "credential-missing",
    ...POST_RESET,
    headers: () => ["Expect: miracles"],
  },
];

const FORBIDDEN = { status: 403, code: "FORBIDDEN", reason: "role-missing" } as const;

function fromHost(host: string): BadRequest {
  return {
    what: `the Host ${host} with a good key`,
    status: 403,
    code: "HOST_NOT_ALLOWED",
    reason: "host-not-allowed",
    headers: (a) => [`Host: ${host}`, key(a.operateKey)],
  };
}

function writtenWith(line: string): BadRequest {
  return {
    what: `a write with ${line} and a good key`,
    status: 403,
    code: "ORIGIN_NOT_ALLOWED",
    reason: "origin-not-allowed",
    method: "POST",
    path: "/chaos/redis-reset",
    headers: (a) => [line, key(a.operateKey)],
  };
}

const TOO_LITTLE: readonly BadRequest[] = [
  {
    what: "a reset with a key for reading",
    ...FORBIDDEN,
    ...POST_RESET,
    headers: (a) => [key(a.readKey)],
  },
  {
    what: "a DELETE with a key for reading",
    ...FORBIDDEN,
    method: "DELETE",
    path: "/chaos/load",
    headers: (a) => [key(a.readKey)],
  },
  {
    what: "a bad body with a key for reading",
    ...FORBIDDEN,
    ...POST_RESET,
    headers: (a) => [key(a.readKey), JSON_TYPE],
    body: "{",
  },
  {
    what: "a dry run with a key for reading",
    ...FORBIDDEN,
    ...POST_RESET,
    headers: (a) => [key(a.readKey), JSON_TYPE],
    body: '{"dry_run":true}',
  },
  ...["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost:x"].map(fromHost),
  ...["Origin: null", "Origin: https://evil.example", "Origin:", "Sec-Fetch-Site: cross-site"].map(
    writtenWith,
  ),
];

describe("a request that is not let in", () => {
  it.each([...BAD_KEYS, ...NOBODY, ...TOO_LITTLE])(
    "$what: $reason, in the audit log",
    async (bad) => {
      const { status = 401, code = "UNAUTHENTICATED", reason, headers, ...request } = bad;
      const answer = await guarded.ask({ ...request, headers: headers?.(guarded) ?? [] });
      expect([answer.status, answer.problem.code]).toEqual([status, code]);
      expect(answer.headers["content-type"]).toContain("application/problem+json");
      expect(answer.headers["www-authenticate"] !== undefined).toBe(status === 401);
      expect(await guarded.event(answer.requestId, "access-refused")).toMatchObject({
        level: "warn",
        status,
        reason,
        method: bad.method ?? "GET",
        remote_address: expect.stringMatching(/^127\.1\./),
      });
    },
  );

  it.each(BAD_TOKENS)("a token $what: $reason, in the audit log", async ({ make, reason }) => {
    const answer = await guarded.askWithToken(await make(guarded.identity));
    expect([answer.status, answer.problem.code]).toEqual([401, "UNAUTHENTICATED"]);
    expect(answer.headers["www-authenticate"]).toContain('error="invalid_token"');
    expect(await guarded.event(answer.requestId, "access-refused")).toMatchObject({
      status: 401,
      reason,
      caller: expect.stringMatching(/^anonymous \(127\.1\./),
    });
  });

  it.each([
    { what: "no role", roles: undefined, method: "GET" },
    { what: "another API's role", roles: ["Files.Read"], method: "GET" },
    { what: "a role in small letters", roles: ["chaos.operate"], method: "GET" },
    { what: "a text for roles", roles: "Chaos.Operate", method: "GET" },
    { what: "the role for reading alone", roles: ["Chaos.Read"], method: "POST" },
  ])("a good token with $what may too little, and is named", async ({ roles, method }) => {
    const token = await guarded.identity.token({ claims: { roles } });
    const path = method === "POST" ? "/chaos/redis-reset" : "/chaos/status";
    const answer = await guarded.askWithToken(token, { method, path });
    expect([answer.status, answer.problem.code]).toEqual([403, "FORBIDDEN"]);
    expect(await guarded.event(answer.requestId, "access-refused")).toMatchObject({
      reason: "role-missing",
      caller: `entra:${OBJECT_ID}`,
    });
  });
});

describe("a request that is let in", () => {
  it.each([
    ["of version 2", () => ({})],
    ["with the role for reading", () => ({ roles: ["Chaos.Read"] })],
    ["of an application", () => ({ oid: undefined, azp: undefined, appid: "app-1" })],
    [
      "of version 1, for the application ID URI",
      (a: GuardedApi) => ({
        ver: "1.0",
        iss: `https://sts.windows.net/${a.identity.tenantId}/`,
        aud: `api://${a.identity.audience}`,
      }),
    ],
    ["that ended 30 s ago", () => ({ exp: Math.floor(Date.now() / 1_000) - 30 })],
    ["that begins in 30 s", () => ({ nbf: Math.floor(Date.now() / 1_000) + 30 })],
  ])("has a token %s", async (_what, claims) => {
    const token = await guarded.identity.token({ claims: claims(guarded) });
    expect((await guarded.askWithToken(token)).status).toBe(200);
  });

  it("writes with a token or a key for operating; the audit log names it", async () => {
    // The bus is away, so that nothing is reset; but the question is whether it was asked.
    const token = await guarded.identity.token();
    const byToken = await guarded.askWithToken(token, POST_RESET);
    const byKey = await guarded.ask({ ...POST_RESET, headers: [key(guarded.operateKey)] });
    for (const { status, problem } of [byToken, byKey]) {
      expect([status, problem.code]).toEqual([503, expect.stringMatching(/^CHAOS_/)]);
    }
    const granted = { level: "info", method: "POST", route: "/chaos/redis-reset" };
    expect(await guarded.event(byToken.requestId, "access-granted")).toMatchObject({
      ...granted,
      caller: `entra:${OBJECT_ID}`,
    });
    expect(await guarded.event(byKey.requestId, "access-granted")).toMatchObject({
      ...granted,
      caller: `key:${sha256Of(guarded.operateKey).slice(0, 8)}`,
    });
  });

  it("may come through a proxy", async () => {
    const headers = [key(guarded.readKey), "X-Forwarded-For: 203.0.113.7", "Forwarded: for=x"];
    expect((await guarded.ask({ headers })).status).toBe(200);
  });

  it("is any probe: without detail for strangers, whatever they present", async () => {
    const headers = [
      [],
      [key(makeApiKey())],
      ["Authorization: Bearer a.b.c"],
      [key("x"), key("y")],
    ];
    for (const lines of headers) {
      const health = await guarded.ask({ path: "/health", headers: lines });
      expect([health.status, Object.keys(health.problem)]).toEqual([200, ["status", "timestamp"]]);
    }
    const known = await guarded.ask({ path: "/health", headers: [key(guarded.readKey)] });
    expect(known.problem).toHaveProperty("redis");
    const [ready, alive] = [
      await guarded.ask({ path: "/readyz" }),
      await guarded.ask({ path: "/livez" }),
    ];
    expect([ready.status, alive.status]).toEqual([503, 200]);
    expect(Object.keys(ready.problem)).toEqual(["status", "timestamp"]);
  });
});

describe("failures without end", () => {
  it("are told to wait after ten in a minute, while the good key of the same address is taken", async () => {
    const from = freshAddress();
    const fail = { from, headers: [key("f".repeat(64))] };
    for (let index = 0; index < 10; index += 1) {
      expect((await guarded.ask(fail)).status).toBe(401);
    }
    const answer = await guarded.ask(fail);
    expect([answer.status, answer.problem.code]).toEqual([429, "TOO_MANY_FAILURES"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(await guarded.event(answer.requestId, "access-refused")).toMatchObject({
      status: 429,
      reason: "key-unknown",
    });
    expect((await guarded.ask({ from, headers: [key(guarded.readKey)] })).status).toBe(200);
    expect((await guarded.ask({ headers: fail.headers })).status).toBe(401);
  });
});

describe("the log of all that", () => {
  it("holds no key, no token, not a part of one", () => {
    const output = guarded.api.output();
    expect(output.match(/"access-refused"/g)?.length).toBeGreaterThan(80);
    expect(guarded.secrets.size).toBeGreaterThan(80);
    expect([...guarded.secrets].filter((secret) => output.includes(secret))).toEqual([]);
    expect(output).not.toMatch(/eyJ[A-Za-z0-9_-]{10}|Bearer [A-Za-z0-9]|PRIVATE KEY/);
  });

  it("has complained about nothing else", () => {
    expect(guarded.api.output()).not.toMatch(/"level":(50|60)/);
  });
});
