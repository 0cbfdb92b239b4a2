import { describe, expect, it } from "vitest";
import { makeHeader } from "../testing/make-header.ts";
import { acknowledgement } from "../testing/messages.ts";
import { buildEntry } from "./build-entry.ts";
import { Collection } from "./collection.ts";

describe("buildEntry", () => {
  it("shows a collection at its moment: pending, then closed", () => {
    const header = makeHeader({ reason: "drill", target: { role: "worker" } });
    const expected = [{ replica_id: "r1", instance_id: "i1", role: "worker" }];
    const collection = new Collection(header, expected);
    expect(buildEntry(collection)).toMatchObject({
      command_id: "c1",
      reason: "drill",
      target: { role: "worker" },
      opened_at: "2026-01-01T00:00:00.000Z",
      deadline_at: "2026-01-01T00:00:05.000Z",
      closed_at: null,
      outcome: "pending",
      duration_ms: null,
      replicas: [{ state: "pending" }],
    });
    collection.acknowledge(acknowledgement(), header.openedAtInMs + 3);
    collection.close({ closedAtInMs: header.openedAtInMs + 4, durationInMs: 3.9 });
    expect(buildEntry(collection)).toMatchObject({
      closed_at: "2026-01-01T00:00:00.004Z",
      outcome: "complete",
      published: "yes",
      connections_closed: 10,
      duration_ms: 3.9,
      skew_ms: null,
      recovery: null,
    });
  });
});
