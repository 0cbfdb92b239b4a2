import { describe, expect, it } from "vitest";
import { makeHeader } from "../testing/make-header.ts";
import { acknowledgement, recovery } from "../testing/messages.ts";
import { Collection } from "./collection.ts";

function collect(...ids: string[]): Collection {
  const expected = ids.map((replica_id) => ({ replica_id, instance_id: "i1", role: "worker" }));
  return new Collection(makeHeader(), expected);
}

const closing = { closedAtInMs: 1, durationInMs: 1 };

describe("Collection", () => {
  it("is answered once everybody has answered or left, repetitions aside", () => {
    const collection = collect("r1", "r2", "r3");
    collection.acknowledge(acknowledgement({ replica_id: "r1" }), 1);
    collection.acknowledge(acknowledgement({ replica_id: "r1" }), 2);
    collection.leave("r2", "i1");
    collection.leave("r2", "i1");
    collection.leave("r1", "i1");
    expect(collection.isAnswered).toBe(false);
    collection.acknowledge(acknowledgement({ replica_id: "r3" }), 3);
    expect(collection.isAnswered).toBe(true);
  });

  it("counts an answer that follows the bye of the same instance", () => {
    const collection = collect("r1", "r2");
    collection.leave("r1", "i1");
    collection.acknowledge(acknowledgement(), 1);
    expect(collection.isAnswered).toBe(false);
    expect(collection.rows[0]?.answer?.body.connections_closed).toBe(10);
  });

  it("leaves nobody after it was closed", () => {
    const collection = collect("r1");
    collection.close(closing);
    collection.leave("r1", "i1");
    expect(collection.rows[0]?.hasLeft).toBe(false);
  });

  it("marks what comes after the close as late, and a newcomer in time as a newcomer", async () => {
    const collection = collect("r1");
    collection.acknowledge(acknowledgement({ replica_id: "new" }), 1);
    collection.close(closing);
    collection.close({ closedAtInMs: 2, durationInMs: 2 });
    await collection.whenClosed;
    collection.acknowledge(acknowledgement(), 3);
    expect(collection.closing).toEqual(closing);
    expect(collection.rows.map(({ answer }) => answer?.isLate)).toEqual([true, false]);
  });

  it("goes by the issuer's close for who was late, in both directions", () => {
    const collection = collect("r1", "r2", "r3");
    collection.acknowledge(acknowledgement({ replica_id: "r1" }), 100);
    collection.acknowledge(acknowledgement({ replica_id: "r2" }), 101);
    collection.close({ closedAtInMs: 90, durationInMs: 1 });
    collection.acknowledge(acknowledgement({ replica_id: "r3" }), 95);
    collection.restate({ closedAtInMs: 100, durationInMs: 9 });
    expect(collection.rows.map(({ answer }) => answer?.isLate)).toEqual([false, true, false]);
  });

  it("flags a different second answer and keeps the first, whatever a repetition restamps", () => {
    const collection = collect("r1");
    collection.acknowledge(acknowledgement(), 1);
    collection.acknowledge(acknowledgement({ clock_offset_ms: 9, duration_ms: 7 }), 2);
    expect(collection.rows[0]?.isConflicting).toBe(false);
    for (const different of [
      { state: "failed" },
      { connections_closed: 11 },
      { connecting_aborted: 1 },
      { coverage: "partial" },
    ] as const) {
      const other = collect("r1");
      other.acknowledge(acknowledgement(), 1);
      other.acknowledge(acknowledgement(different), 2);
      expect(other.rows[0]).toMatchObject({ isConflicting: true, answer: { enqueuedAtInMs: 1 } });
    }
  });

  it("keeps the furthest recovery report, of known instances only", () => {
    const collection = collect("r1");
    collection.recover(recovery({ observed_ms: 100, connections_back: 3 }));
    collection.recover(recovery({ observed_ms: 200, connections_back: 10 }));
    collection.recover(recovery({ observed_ms: 150, connections_back: 5 }));
    collection.recover(recovery({ instance_id: "stranger" }));
    expect(collection.rows).toHaveLength(1);
    expect(collection.rows[0]?.recovery).toMatchObject({ connections_back: 10 });
  });

  it("expects both instances of a replica id that two live processes share", () => {
    const twin = { replica_id: "r1", role: "worker" };
    const collection = new Collection(makeHeader(), [
      { ...twin, instance_id: "i1" },
      { ...twin, instance_id: "i2" },
      { ...twin, replica_id: "r2", instance_id: "i1" },
    ]);
    expect(collection.rows.map(({ isDuplicate }) => isDuplicate)).toEqual([true, true, false]);
  });

  it("expects an instance that a message names twice only once", () => {
    const collection = collect("r1", "r1");
    collection.acknowledge(acknowledgement(), 1);
    expect(collection.isAnswered).toBe(true);
  });

  it("keeps a bounded number of newcomers", () => {
    const collection = collect("r1");
    for (let index = 0; index < 3_000; index += 1) {
      collection.acknowledge(acknowledgement({ replica_id: `new-${index}` }), 1);
    }
    expect(collection.rowCount).toBe(2_001);
  });
});
