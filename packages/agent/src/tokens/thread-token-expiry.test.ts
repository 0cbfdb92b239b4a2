import { FakeClock } from "@fleetquake/contract/testing";
import { FaultRefusedError } from "@fleetquake/replica";
import { describe, expect, it } from "vitest";
import type { RedisTokenSource } from "./redis-token-source.ts";
import { serveTokenExpiry } from "./serve-token-expiry.ts";
import { ThreadTokenExpiry } from "./thread-token-expiry.ts";
import type { TokenExpiryRequest } from "./token-expiry-request.ts";

/** Both ends with a wire between them that delivers when it is told to, like the queue of a busy loop. */
function connectEnds(hasTokens = true) {
  const clock = new FakeClock();
  const inbox: TokenExpiryRequest[] = [];
  const done: (number | "end")[] = [];
  const source: RedisTokenSource = {
    newest: null,
    onChange: () => () => undefined,
    whenSettled: () => Promise.resolve(),
    beginExpiry: (endsAtInMs) => done.push(endsAtInMs),
    endExpiry: () => done.push("end"),
  };
  const expiry = new ThreadTokenExpiry({ clock, hasTokens, ask: (request) => inbox.push(request) });
  const deliver = (to: RedisTokenSource | null = source): void => {
    for (const request of inbox.splice(0)) {
      expiry.answer(request.requestId, serveTokenExpiry(to, request, clock));
    }
  };
  return { clock, inbox, done, source, expiry, deliver };
}

describe("an expiry of tokens between the threads", () => {
  it("is begun and ended where the tokens are", async () => {
    const { clock, done, expiry, deliver } = connectEnds();
    const begun = expiry.begin({ endsAtMonotonicInMs: 5_000 });
    deliver();
    await begun;
    const ended = expiry.end();
    deliver();
    await ended;
    expect(done).toEqual([5_000, "end"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("is refused where the agent knows of no tokens, without asking", async () => {
    const { inbox, expiry } = connectEnds(false);
    await expect(expiry.begin({ endsAtMonotonicInMs: 1 })).rejects.toThrow(FaultRefusedError);
    await expect(expiry.begin({ endsAtMonotonicInMs: 1 })).rejects.toMatchObject({
      code: "NO_REDIS_TOKENS",
    });
    expect(inbox).toEqual([]);
  });

  it("is refused with the reason of the tokens themselves", async () => {
    const { source, expiry, deliver } = connectEnds();
    const begun = expiry.begin({ endsAtMonotonicInMs: 1 });
    const error = Object.assign(new Error("none has come"), { code: "NO_REDIS_TOKEN" });
    deliver({
      ...source,
      beginExpiry: () => {
        throw error;
      },
    });
    await expect(begun).rejects.toMatchObject({ code: "NO_REDIS_TOKEN", message: "none has come" });
  });

  it("fails when the loop is blocked, and does not begin when it comes round later", async () => {
    const { clock, done, expiry, deliver } = connectEnds();
    const begun = expiry.begin({ endsAtMonotonicInMs: 60_000 });
    const outcome = begun.catch((error: unknown) => error);
    await clock.advance(2_250);
    expect(await outcome).toMatchObject({ code: "LOOP_BLOCKED" });
    deliver();
    expect(done).toEqual([]);
  });

  it("is ended also by a loop that comes round late, and a halt waits only for what was begun", async () => {
    const { clock, inbox, done, expiry, deliver } = connectEnds();
    await expiry.end();
    expect(inbox).toEqual([]);
    const begun = expiry.begin({ endsAtMonotonicInMs: 60_000 });
    deliver();
    await begun;
    const outcome = expiry.end().catch((error: unknown) => error);
    await clock.advance(2_250);
    expect(await outcome).toMatchObject({ code: "LOOP_BLOCKED" });
    deliver();
    expect(done).toEqual([60_000, "end"]);
  });
});
