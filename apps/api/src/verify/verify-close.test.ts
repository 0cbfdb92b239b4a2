import { describe, expect, it } from "vitest";
import { entryOf, outcomeOf } from "../testing/scripted-fleet.ts";
import type { ClientListing } from "./list-clients.ts";
import { verifyClose } from "./verify-close.ts";

const list = (ids: Record<string, string>): ClientListing => ({
  ok: true,
  ids: new Map(Object.entries(ids)),
});

const entry = entryOf({
  connections_closed: 2,
  replicas: [
    outcomeOf("worker-1", {
      connections_closed: 2,
      closed_addresses: ["10.0.0.1:1", "10.0.0.1:2"],
    }),
  ],
});

describe("verifyClose", () => {
  it("confirms what was in the list before and has gone", () => {
    const before = list({ "10.0.0.1:1": "7", "10.0.0.1:2": "8", "10.0.0.2:1": "9" });
    expect(verifyClose(entry, before, list({ "10.0.0.2:1": "9" }))).toEqual({
      claimed: 2,
      confirmed: 2,
      unexplained: 0,
      verdict: "confirmed",
    });
  });

  it("confirms an address that a new client has taken over", () => {
    const before = list({ "10.0.0.1:1": "7", "10.0.0.1:2": "8" });
    const after = list({ "10.0.0.1:1": "11" });
    expect(verifyClose(entry, before, after).verdict).toBe("confirmed");
  });

  it("is a mismatch when a client that is claimed closed still stands", () => {
    const before = list({ "10.0.0.1:1": "7", "10.0.0.1:2": "8" });
    const result = verifyClose(entry, before, list({ "10.0.0.1:2": "8" }));
    expect(result).toMatchObject({ confirmed: 1, unexplained: 1, verdict: "mismatch" });
    expect(result.why).toContain("10.0.0.1:2");
  });

  it("is inconclusive, not a guess, when the server never saw an address", () => {
    const result = verifyClose(entry, list({ "10.9.9.9:1": "7" }), list({}));
    expect(result).toMatchObject({ confirmed: 0, unexplained: 2, verdict: "inconclusive" });
  });

  it("is inconclusive when the server cannot be asked, and says why", () => {
    const lost: ClientListing = { ok: false, why: "CLIENT LIST could not be read: NOPERM" };
    expect(verifyClose(entry, list({}), lost).why).toContain("NOPERM");
    expect(verifyClose(entry, lost, list({})).verdict).toBe("inconclusive");
  });
});
