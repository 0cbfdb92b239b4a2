import { describe, expect, it } from "vitest";
import { makeMember } from "../testing/make-member.ts";
import { resetRequest } from "../testing/start-memory-fleet.ts";
import { dryRunOf } from "./dry-run.ts";

describe("dryRunOf", () => {
  it("sums what willing replicas hold, and shows what none of them can close", () => {
    const { redis } = makeMember("x").report;
    const members = [
      makeMember("a"),
      makeMember("b", { allow: ["load"] }),
      makeMember("c", { redis: { ...redis, unseen: 2 } }),
    ];
    const dry = dryRunOf(resetRequest(), members, null);
    expect(dry).toMatchObject({ would_close: 20, would_be_refused: null, fleet: { expected: 3 } });
    expect(dry.replicas.map(({ coverage }) => coverage)).toEqual(["full", "full", "partial"]);
  });
});
