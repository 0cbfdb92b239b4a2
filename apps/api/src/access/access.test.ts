import { createHash, randomBytes } from "node:crypto";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { FakeClock } from "@fleetquake/contract/testing";
import type { ProblemCode } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { makeTestApp, type TestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";
import type { AccessSettings } from "./access-settings.ts";

const makeKey = (): string => randomBytes(32).toString("hex");
const sha256Of = (key: string): string => createHash("sha256").update(key).digest("hex");

const readKey = makeKey();
const operateKey = makeKey();
const access: AccessSettings = {
  keys: [
    { name: "ci", role: "operate", sha256: sha256Of(operateKey) },
    { name: "grafana", role: "read", sha256: sha256Of(readKey) },
  ],
  entra: null,
};
const RESET = { method: "POST", url: "/chaos/redis-reset" } as const;

function makeGuarded(clock = new FakeClock()): TestApp & {
  readonly ask: (request: InjectOptions, key?: string) => Promise<LightMyRequestResponse>;
} {
  const made = makeTestApp({ access, clock });
  return {
    ...made,
    ask: (request, key) =>
      made.app.inject({
        ...request,
        headers: { ...request.headers, ...(key !== undefined && { "x-api-key": key }) },
      }),
  };
}

describe("an API with keys", () => {
  it.each([
    "/",
    "/chaos/status",
    "/chaos/replicas",
    "/chaos/commands",
    "/chaos/commands/x",
    "/nope",
  ])("lets nobody read %s without a key, and says how to show one", async (url) => {
    const { ask } = makeGuarded();
    const answer = await ask({ url });
    expect(readProblem(answer, "UNAUTHENTICATED").detail).toContain("X-API-Key");
    expect(answer.headers["www-authenticate"]).toBe(
      'Bearer realm="fleetquake", ApiKey realm="fleetquake"',
    );
  });

  it("lets a key for reading read, and not write", async () => {
    const { ask, fleet } = makeGuarded();
    expect((await ask({ url: "/chaos/status" }, readKey)).statusCode).toBe(200);
    expect((await ask({ url: "/chaos/status", method: "HEAD" }, readKey)).statusCode).toBe(200);
    const refused = readProblem(await ask(RESET, readKey), "FORBIDDEN");
    expect(refused.detail).toContain("Chaos.Operate");
    expect(fleet.injected).toEqual([]);
  });

  it("lets a key for operating do both, and names it in the record", async () => {
    const { ask, fleet } = makeGuarded();
    expect((await ask({ url: "/chaos/status" }, operateKey)).statusCode).toBe(200);
    expect((await ask(RESET, operateKey)).statusCode).toBe(200);
    expect(fleet.injected.map(({ caller }) => caller)).toEqual(["key:ci"]);
  });

  it("says anonymous in the record where it is open", async () => {
    const { app, fleet } = makeTestApp();
    await app.inject({ ...RESET, headers: { "x-api-key": "whatever" } });
    expect(fleet.injected.map(({ caller }) => caller)).toEqual(["anonymous (127.0.0.1)"]);
  });

  it("shows probes to everybody, their reasons to readers, and refuses nobody there", async () => {
    const { ask } = makeGuarded();
    for (const url of ["/health", "/readyz"]) {
      for (const key of [undefined, makeKey(), "short"]) {
        const answer = await ask({ url }, key);
        expect(answer.statusCode).toBe(200);
        expect(Object.keys(answer.json())).toEqual(["status", "timestamp"]);
      }
      expect((await ask({ url }, readKey)).json()).toHaveProperty("redis");
    }
    expect((await ask({ url: "/livez" })).json()).toHaveProperty("status", "alive");
  });

  it("lets proxies be", async () => {
    const { ask } = makeGuarded();
    const headers = { forwarded: "for=1.2.3.4", "x-forwarded-for": "1.2.3.4" };
    expect((await ask({ url: "/chaos/status", headers }, readKey)).statusCode).toBe(200);
    expect((await ask({ url: "/livez", headers })).statusCode).toBe(200);
  });

  it.each<[InjectOptions, ProblemCode]>([
    [{ ...RESET, headers: { host: "evil.example" } }, "HOST_NOT_ALLOWED"],
    [{ ...RESET, headers: { origin: "null" } }, "ORIGIN_NOT_ALLOWED"],
    [{ ...RESET, headers: { origin: "https://evil.example" } }, "ORIGIN_NOT_ALLOWED"],
    [{ ...RESET, headers: { "sec-fetch-site": "cross-site" } }, "ORIGIN_NOT_ALLOWED"],
  ])("refuses %j also with a good key: a browser may be abused by it", async (request, code) => {
    const { ask, fleet } = makeGuarded();
    expect(readProblem(await ask(request, operateKey), code).code).toBe(code);
    expect(fleet.injected).toEqual([]);
  });

  it.each<[InjectOptions, ProblemCode]>([
    [
      { ...RESET, headers: { "content-type": "text/plain" }, payload: "x" },
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    [
      { ...RESET, headers: { "content-type": "application/json" }, payload: "x".repeat(70_000) },
      "PAYLOAD_TOO_LARGE",
    ],
    [{ ...RESET, headers: { "content-type": "application/json" }, payload: "{" }, "MALFORMED_JSON"],
    [
      { ...RESET, headers: { "content-type": "application/json" }, payload: '{"a":1}' },
      "VALIDATION_FAILED",
    ],
    [{ method: "DELETE", url: "/chaos/redis-reset" }, "METHOD_NOT_ALLOWED"],
    [{ method: "POST", url: "/chaos/nope" }, "NOT_FOUND"],
    [{ method: "POST", url: "/chaos/%zz" }, "MALFORMED_REQUEST"],
    [{ method: "POST", url: `/chaos/${"a".repeat(9_000)}` }, "URI_TOO_LONG"],
  ])("tells only who may ask what is wrong with it: %#", async (request, code) => {
    const { ask } = makeGuarded();
    expect(readProblem(await ask(request), "UNAUTHENTICATED").status).toBe(401);
    expect(readProblem(await ask(request, makeKey()), "UNAUTHENTICATED").status).toBe(401);
    expect(readProblem(await ask(request, readKey), "FORBIDDEN").status).toBe(403);
    expect(readProblem(await ask(request, operateKey), code).code).toBe(code);
  });

  it("tells an address that fails too often to wait, and takes its good key all the same", async () => {
    const clock = new FakeClock();
    const { ask } = makeGuarded(clock);
    const url = "/chaos/status";
    for (let index = 0; index < 10; index += 1) {
      expect((await ask({ url }, makeKey())).statusCode).toBe(401);
    }
    await clock.advance(15_000);
    const refused = readProblem(await ask({ url }, makeKey()), "TOO_MANY_FAILURES");
    expect(refused["retry_after_ms"]).toBe(45_000);
    expect((await ask({ url }, readKey)).statusCode).toBe(200);
    expect((await ask({ url })).statusCode).toBe(401);
    expect((await ask({ url: "/health" }, makeKey())).statusCode).toBe(200);
    await clock.advance(45_000);
    expect((await ask({ url }, makeKey())).statusCode).toBe(401);
  });
});

describe("an API with Entra ID alone", () => {
  it("takes no keys, and says so", async () => {
    const entra = { tenantId: "t", issuers: [], audiences: [], keysUrl: "http://127.0.0.1:1/" };
    const { app } = makeTestApp({ access: { keys: [], entra } });
    const answer = await app.inject({ url: "/", headers: { "x-api-key": makeKey() } });
    expect(readProblem(answer, "UNAUTHENTICATED").detail).toContain("takes no keys");
  });
});
