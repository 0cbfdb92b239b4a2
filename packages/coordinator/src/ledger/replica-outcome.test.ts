import { describe, expect, it } from "vitest";
import { makeAnswer, makeRow } from "../testing/make-row.ts";
import { recovery } from "../testing/messages.ts";
import { replicaOutcomeOf } from "./replica-outcome.ts";

describe("replicaOutcomeOf", () => {
  it("shows what the replica reported, without the envelope", () => {
    const answer = makeAnswer({ drain_method: "server", drained: 3, interrupted: 1 });
    expect(replicaOutcomeOf(makeRow({ answer }), "acknowledged")).toEqual({
      replica_id: "r1",
      instance_id: "i1",
      role: "worker",
      state: "acknowledged",
      coverage: "full",
      connections_closed: 10,
      connecting_aborted: 0,
      connections: { command: 10, blocking: 0, subscriber: 0, unknown: 0 },
      unseen: 0,
      closed_by: "process",
      drain_method: "server",
      drained: 3,
      interrupted: 1,
      closed_at: "2026-01-01T00:00:00.000Z",
      duration_ms: 1,
      clock_offset_ms: 0,
    });
  });

  it("is bare without an answer", () => {
    expect(replicaOutcomeOf(makeRow({ answer: null }), "silent")).toEqual({
      replica_id: "r1",
      instance_id: "i1",
      role: "worker",
      state: "silent",
      connections_closed: 0,
    });
  });

  it("shows the ledger's own findings before the replica's error", () => {
    const answer = makeAnswer({ error: { code: "LOOP_BLOCKED", message: "It hung." } });
    const code = (row: ReturnType<typeof makeRow>): string | undefined =>
      replicaOutcomeOf(row, "failed").error?.code;
    expect(code(makeRow({ answer }))).toBe("LOOP_BLOCKED");
    expect(code(makeRow({ answer, isDuplicate: true }))).toBe("DUPLICATE_REPLICA_ID");
    expect(code(makeRow({ answer, isDuplicate: true, isConflicting: true }))).toBe(
      "CONFLICTING_ANSWERS",
    );
  });

  it("carries the recovery", () => {
    expect(replicaOutcomeOf(makeRow({ recovery: recovery() }), "late").recovery).toEqual(
      recovery(),
    );
  });
});
