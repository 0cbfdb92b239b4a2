import { describe, expect, it } from "vitest";
import { makeMember } from "../testing/make-member.ts";
import { expectedSet, presentMembers } from "./expected-set.ts";

describe("the expected set", () => {
  it("holds active and stale replicas and leaves out who has left", () => {
    const rows = (["active", "stale", "left"] as const).map((state) => ({
      member: makeMember(state),
      state,
    }));
    expect(expectedSet(presentMembers(rows))).toEqual([
      { replica_id: "active", instance_id: "i1", role: "worker" },
      { replica_id: "stale", instance_id: "i1", role: "worker" },
    ]);
  });
});
