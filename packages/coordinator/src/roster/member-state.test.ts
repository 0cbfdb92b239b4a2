import { describe, expect, it } from "vitest";
import { makeMember } from "../testing/make-member.ts";
import { memberState } from "./member-state.ts";

describe("memberState", () => {
  it("is active, stale after three missed heartbeats, left after a minute", () => {
    const member = makeMember("r1", { interval_ms: 1_000 });
    expect([0, 2_999, 3_000, 59_999, 60_000].map((ms) => memberState(member, ms))).toEqual([
      "active",
      "active",
      "stale",
      "stale",
      "left",
    ]);
  });

  it("goes by the replica's own interval, six of which may pass in silence", () => {
    const member = makeMember("r1", { interval_ms: 20_000 });
    expect([59_999, 60_000, 119_999, 120_000].map((ms) => memberState(member, ms))).toEqual([
      "active",
      "stale",
      "stale",
      "left",
    ]);
  });

  it("waits neither for ever nor not at all for a replica with an absurd interval", () => {
    expect(memberState(makeMember("r1", { interval_ms: 0 }), 299)).toBe("active");
    expect(memberState(makeMember("r1", { interval_ms: 1e300 }), 3_600_000)).toBe("left");
  });

  it("is left after a bye, and once another instance took its id over", () => {
    expect(memberState(makeMember("r1", {}, { saidByeInMs: 5 }), 0)).toBe("left");
    const superseded = { lastHeardInMs: 10, supersededInMs: 10 };
    expect(memberState(makeMember("r1", {}, superseded), 0)).toBe("left");
    expect(memberState(makeMember("r1", {}, { ...superseded, lastHeardInMs: 11 }), 0)).toBe(
      "active",
    );
  });
});
