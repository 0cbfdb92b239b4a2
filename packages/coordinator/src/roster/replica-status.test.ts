import { expect, it } from "vitest";
import { makeMember } from "../testing/make-member.ts";
import { replicaStatusOf } from "./replica-status.ts";

it("shows what the replica reported, when it was last heard by the broker's clock, and its state", () => {
  const lastHeardInMs = Date.UTC(2026, 0, 1, 12);
  const member = makeMember("r1", { labels: { zone: "a" } }, { lastHeardInMs });
  expect(replicaStatusOf({ member, state: "stale" }, lastHeardInMs)).toMatchObject({
    replica_id: "r1",
    instance_id: "i1",
    labels: { zone: "a" },
    state: "stale",
    last_seen: "2026-01-01T12:00:00.000Z",
    redis: { connection_count: 10 },
    load: { active: false, level: "none" },
    hang: { active: false },
    block: { active: false },
  });
});
