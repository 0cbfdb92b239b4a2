import { FakeClock } from "@fleetquake/contract/testing";
import type { Log } from "@fleetquake/contract/plain";
import { describe, expect, it } from "vitest";
import type { RedisToken } from "./redis-token.ts";
import { TokenKeeper } from "./token-keeper.ts";

const LIFE_IN_MS = 3_600_000;

interface Issuer {
  /** What the next requests come to. */
  answer: "fresh" | "same" | "fails" | "hangs" | "expired";
  requests: number;
  life: number;
}

function setScene() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const at =
    (level: string): Log["info"] =>
    (event, fields) =>
      lines.push(`${level} ${event} ${JSON.stringify(fields ?? {})}`);
  const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const issuer: Issuer = { answer: "fresh", requests: 0, life: LIFE_IN_MS };
  let issued = 0;
  let last: RedisToken | null = null;
  const fetchToken = async (): Promise<RedisToken> => {
    issuer.requests += 1;
    if (issuer.answer === "fails") {
      throw new Error("the issuer is down");
    }
    if (issuer.answer === "hangs") {
      return new Promise(() => undefined);
    }
    if (issuer.answer === "same" && last !== null) {
      return last;
    }
    issued += 1;
    const lifeInMs = issuer.answer === "expired" ? -1 : issuer.life;
    last = {
      username: "object-1",
      password: `header.secret-${issued}.signature`,
      expiresAtInMs: clock.nowInMs() + lifeInMs,
      refreshAfterInMs: null,
    };
    return last;
  };
  const keeper = new TokenKeeper({ fetchToken, clock, log, random: () => 0.5 });
  return { clock, keeper, issuer, lines };
}

describe("TokenKeeper", () => {
  it("gets another token when about two thirds of a token's life are over, and tells of it", async () => {
    const { clock, keeper } = setScene();
    const generations: number[] = [];
    keeper.onChange(() => generations.push(keeper.generation));
    await keeper.start();
    expect(keeper.credentials?.password).toContain("secret-1");
    await clock.advance(LIFE_IN_MS * 0.6);
    expect(keeper.credentials?.password).toContain("secret-1");
    await clock.advance(LIFE_IN_MS * 0.1);
    expect(keeper.credentials?.password).toContain("secret-2");
    expect(generations).toEqual([1, 2]);
  });

  it("asks again ever closer to the end where the issuer hands out the same token, and tells nobody", async () => {
    const { clock, keeper, issuer } = setScene();
    await keeper.start();
    issuer.answer = "same";
    await clock.advance(LIFE_IN_MS - 240_000);
    expect(keeper.generation).toBe(1);
    expect(issuer.requests).toBeLessThan(12);
    issuer.answer = "fresh";
    await clock.advance(120_000);
    expect(keeper.generation).toBe(2);
  });

  it("keeps the old token through failures, repeats a few times in a row, then pauses, and recovers", async () => {
    const { clock, keeper, issuer, lines } = setScene();
    await keeper.start();
    issuer.answer = "fails";
    await clock.advance(LIFE_IN_MS * 0.65 + 60_000);
    expect(issuer.requests).toBeGreaterThan(8);
    expect(issuer.requests).toBeLessThan(40);
    expect(keeper.credentials?.password).toContain("secret-1");
    expect(lines.some((line) => line.startsWith("error redis-token-missing"))).toBe(true);
    issuer.answer = "fresh";
    await clock.advance(70_000);
    expect(keeper.credentials?.password).toContain("secret-2");
  });

  it("gives an attempt up that is not answered, and takes no token that has expired", async () => {
    const { clock, keeper, issuer, lines } = setScene();
    issuer.answer = "hangs";
    void keeper.start();
    await clock.advance(10_000);
    issuer.answer = "expired";
    await clock.advance(1_000);
    expect(keeper.credentials).toBeNull();
    expect(lines.join("\n")).toMatch(/no token within 10000 ms.*\n.*has expired already/);
  });

  it("lets wait for a refresh that is under way, also one that fails, and for a good token", async () => {
    const { clock, keeper, issuer } = setScene();
    issuer.answer = "fails";
    void keeper.start();
    const happened: string[] = [];
    void keeper.whenSettled().then(() => happened.push("settled"));
    void keeper.whenUsable(new AbortController().signal).then(() => happened.push("usable"));
    await clock.advance(0);
    expect(happened).toEqual([]);
    await clock.advance(5_000);
    expect(happened).toEqual(["settled"]);
    issuer.answer = "fresh";
    await clock.advance(5_000);
    expect(happened).toEqual(["settled", "usable"]);
    await keeper.whenSettled();
  });

  it("lets nobody wait for a token for ever: an abort ends the wait", async () => {
    const { keeper } = setScene();
    const waiting = new AbortController();
    const usable = keeper.whenUsable(waiting.signal);
    waiting.abort();
    await usable;
    expect(keeper.credentials).toBeNull();
  });

  it("rehearses an expiry: an expired token until its end, then the newest, which connections are told of", async () => {
    const { clock, keeper } = setScene();
    expect(() => keeper.beginExpiry(0)).toThrow("No token for Redis has come yet");
    await keeper.start();
    keeper.beginExpiry(clock.monotonicInMs() + 60_000);
    expect(keeper.credentials?.password).not.toContain("secret-1");
    expect(keeper.credentials?.username).toBe("object-1");
    await clock.advance(59_999);
    const before = keeper.generation;
    await clock.advance(1);
    expect(keeper.credentials?.password).toContain("secret-1");
    expect(keeper.generation).toBe(before + 1);
    keeper.beginExpiry(clock.monotonicInMs() + 60_000);
    keeper.endExpiry();
    keeper.endExpiry();
    expect(keeper.credentials?.password).toContain("secret-1");
  });

  it("logs no token, and leaves no timer behind", async () => {
    const { clock, keeper, issuer, lines } = setScene();
    await keeper.start();
    keeper.beginExpiry(clock.monotonicInMs() + 60_000);
    issuer.answer = "fails";
    await clock.advance(LIFE_IN_MS);
    keeper.beginExpiry(clock.monotonicInMs() + 60_000);
    keeper[Symbol.dispose]();
    await clock.advance(0);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join("\n")).not.toMatch(/secret|signature/);
    await clock.advance(120_000);
    expect(clock.armedTimers).toBe(0);
  });
});
