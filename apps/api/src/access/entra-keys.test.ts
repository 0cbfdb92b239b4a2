import { exportJWK, generateKeyPair, type JWK } from "jose";
import { silentLog } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { EntraKeys } from "./entra-keys.ts";

const { publicKey } = await generateKeyPair("RS256", { extractable: true });
const jwk = await exportJWK(publicKey);
const MINUTE_IN_MS = 60_000;
const INPUT = { payload: "", signature: "" };

/** A tenant that publishes keys, as long as it answers. */
class Tenant {
  readonly clock = new FakeClock();
  kids: readonly string[] = ["one"];
  isDown = false;
  answer: unknown;
  fetches = 0;
  readonly keys = new EntraKeys({
    clock: this.clock,
    log: silentLog,
    fetchKeys: () => {
      this.fetches += 1;
      const keys = this.kids.map((kid): JWK => ({ ...jwk, kid }));
      const answer = this.answer === undefined ? { keys } : this.answer;
      return this.isDown ? Promise.reject(new Error("down")) : Promise.resolve(answer);
    },
  });

  /** What comes of a token that says it was signed with a key. */
  async find(kid: string): Promise<string> {
    try {
      await this.keys.find({ alg: "RS256", kid }, INPUT);
      return "found";
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    }
  }
}

const UNKNOWN = "ERR_JWKS_NO_MATCHING_KEY";
const UNAVAILABLE = "IDENTITY_UNAVAILABLE";

describe("EntraKeys", () => {
  it("fetches once for all who ask at the same time, and keeps what came", async () => {
    const tenant = new Tenant();
    const all = await Promise.all(Array.from({ length: 20 }, () => tenant.find("one")));
    expect(new Set(all)).toEqual(new Set(["found"]));
    await tenant.clock.advance(9 * MINUTE_IN_MS);
    expect(await tenant.find("one")).toBe("found");
    expect(tenant.fetches).toBe(1);
  });

  it("finds a new key at once: a change of keys is not noticed", async () => {
    const tenant = new Tenant();
    expect(await tenant.find("one")).toBe("found");
    tenant.kids = ["two"];
    expect(await tenant.find("two")).toBe("found");
    expect(await tenant.find("one")).toBe(UNKNOWN);
  });

  it("looks unknown keys up at most once in 10 s, however many tokens name them", async () => {
    const tenant = new Tenant();
    await tenant.find("one");
    for (let index = 0; index < 50; index += 1) {
      expect(await tenant.find(`made-up-${index}`)).toBe(UNKNOWN);
    }
    expect(tenant.fetches).toBe(2);
    tenant.kids = ["one", "two"];
    expect(await tenant.find("two")).toBe(UNKNOWN);
    await tenant.clock.advance(10_000);
    expect(await tenant.find("two")).toBe("found");
    expect(tenant.fetches).toBe(3);
  });

  it("takes a key that was withdrawn until it looks again, behind the caller's back after 10 minutes", async () => {
    const tenant = new Tenant();
    await tenant.find("one");
    tenant.kids = ["two"];
    await tenant.clock.advance(10 * MINUTE_IN_MS);
    expect(await tenant.find("one")).toBe("found");
    await tenant.clock.advance(0);
    expect(await tenant.find("one")).toBe(UNKNOWN);
  });

  it("trusts what it has for a day while nobody answers, and then nothing", async () => {
    const tenant = new Tenant();
    await tenant.find("one");
    tenant.isDown = true;
    await tenant.clock.advance(23 * 60 * MINUTE_IN_MS);
    expect(await tenant.find("one")).toBe("found");
    expect(await tenant.find("two")).toBe(UNAVAILABLE);
    await tenant.clock.advance(60 * MINUTE_IN_MS);
    expect(await tenant.find("one")).toBe(UNAVAILABLE);
    tenant.isDown = false;
    await tenant.clock.advance(2_000);
    expect(await tenant.find("one")).toBe("found");
  });

  it("asks an endpoint that fails every 2 s at most, and takes what comes then", async () => {
    const tenant = new Tenant();
    tenant.isDown = true;
    for (let index = 0; index < 50; index += 1) {
      expect(await tenant.find("one")).toBe(UNAVAILABLE);
    }
    expect(tenant.fetches).toBe(1);
    tenant.isDown = false;
    expect(await tenant.find("one")).toBe(UNAVAILABLE);
    await tenant.clock.advance(2_000);
    expect(await tenant.find("one")).toBe("found");
  });

  it.each([null, [], "keys", { keys: [] }, { keys: {} }, { keys: [7] }, { error: "no tenant" }])(
    "takes %j for no answer",
    async (answer) => {
      const tenant = new Tenant();
      tenant.answer = answer;
      expect(await tenant.find("one")).toBe(UNAVAILABLE);
    },
  );
});
