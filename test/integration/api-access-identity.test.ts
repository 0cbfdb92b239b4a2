import { describe, expect, it } from "vitest";
import { makeApiKey, startGuardedApi, type GuardedApi } from "../support/guarded-api.ts";
import { until } from "../support/until.ts";

/** Several times what the API gives the endpoint: room for a busy machine. */
const PATIENCE_IN_MS = 20_000;

async function statusOf(guarded: GuardedApi, token: string): Promise<number> {
  return (await guarded.askWithToken(token)).status;
}

describe("the tenant's keys", () => {
  it("are fetched once for many tokens", async () => {
    await using guarded = await startGuardedApi();
    const token = await guarded.identity.token();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(guarded, token)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(guarded.identity.requests).toBe(1);
  });

  it("may change: the new key is taken at once, the old one no longer", async () => {
    await using guarded = await startGuardedApi();
    const old = await guarded.identity.token();
    expect(await statusOf(guarded, old)).toBe(200);
    await guarded.identity.rotate();
    expect(await statusOf(guarded, await guarded.identity.token())).toBe(200);
    expect(await statusOf(guarded, old)).toBe(401);
  });

  it("are not asked for again by every token that names an unknown one", async () => {
    await using guarded = await startGuardedApi();
    expect(await statusOf(guarded, await guarded.identity.token())).toBe(200);
    for (let index = 0; index < 20; index += 1) {
      const token = await guarded.identity.token({ header: { kid: `made-up-${index}` } });
      expect(await statusOf(guarded, token)).toBe(401);
    }
    expect(guarded.identity.requests).toBe(2);
  });

  it("are used on while the endpoint is down", async () => {
    await using guarded = await startGuardedApi();
    const token = await guarded.identity.token();
    expect(await statusOf(guarded, token)).toBe(200);
    guarded.identity.mood = "failing";
    expect(await statusOf(guarded, token)).toBe(200);
    await guarded.identity.rotate();
    const unknown = await guarded.askWithToken(await guarded.identity.token());
    expect([unknown.status, unknown.problem.code]).toEqual([503, "IDENTITY_UNAVAILABLE"]);
  });
});

describe("an endpoint of keys that is", () => {
  it.each(["failing", "silent", "garbage", "redirecting"] as const)(
    "%s makes tokens a 503 that says when to come back, and stops nothing else",
    async (mood) => {
      await using guarded = await startGuardedApi();
      const { identity } = guarded;
      identity.mood = mood;
      const token = await identity.token();
      const startedAtInMs = performance.now();
      const asked = guarded.askWithToken(token);

      const withKey = await guarded.ask({ headers: [`X-API-Key: ${guarded.readKey}`] });
      expect(withKey.status).toBe(200);
      const probe = await guarded.askWithToken(token, { path: "/health" });
      expect([probe.status, Object.keys(probe.problem)]).toEqual([200, ["status", "timestamp"]]);

      const answer = await asked;
      expect(performance.now() - startedAtInMs).toBeLessThan(PATIENCE_IN_MS);
      expect([answer.status, answer.problem.code]).toEqual([503, "IDENTITY_UNAVAILABLE"]);
      expect(answer.headers["retry-after"]).toBe("2");
      expect(await guarded.event(answer.requestId, "access-refused")).toMatchObject({
        status: 503,
        reason: "identity-unavailable",
      });

      identity.mood = "fine";
      await until(async () => (await statusOf(guarded, token)) === 200, PATIENCE_IN_MS);
      expect(guarded.api.output()).not.toMatch(/"level":(50|60)/);
      const found = [...guarded.secrets].filter((part) => guarded.api.output().includes(part));
      expect(found).toEqual([]);
    },
  );

  it("failing does not count against whoever brings a good token", async () => {
    await using guarded = await startGuardedApi();
    guarded.identity.mood = "failing";
    const token = await guarded.identity.token();
    const from = "127.7.7.7";
    for (let index = 0; index < 15; index += 1) {
      expect((await guarded.askWithToken(token, { from })).status).toBe(503);
    }
    const bad = await guarded.ask({ from, headers: [`X-API-Key: ${makeApiKey()}`] });
    expect(bad.status).toBe(401);
  });
});
