import { describe, expect, it } from "vitest";
import {
  acceptedOf,
  entryOf,
  refusalOf,
  resetRequest,
  startMemoryFleet,
  type MemoryFleet,
} from "./testing/start-memory-fleet.ts";

async function mixedFleet(): Promise<MemoryFleet> {
  const fleet = await startMemoryFleet({ replicas: 0, options: { random: () => 0 } });
  fleet.join({ replica_id: "w1", role: "worker", labels: { zone: "a" } });
  fleet.join({ replica_id: "w2", role: "worker", labels: { zone: "b" } });
  fleet.join({ replica_id: "a1", role: "api", labels: { zone: "a" } });
  await fleet.clock.advance(10);
  return fleet;
}

describe("a reset's target", () => {
  it("travels as a selector, so that a newcomer who matches takes part", async () => {
    await using fleet = await mixedFleet();
    const target = { role: "worker", labels: { zone: "a" } };
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest({ target })));
    expect(entry.target).toEqual(target);
    expect(entry.fleet.expected).toBe(1);
    expect(fleet.replica(0).received[0]?.target).toEqual(target);
  });

  it("travels as the drawn replicas when it is a share or a number", async () => {
    await using fleet = await mixedFleet();
    const target = { role: "worker", percent: 1 };
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest({ target })));
    expect(entry.target).toEqual({ replicas: ["w1"] });
    expect(entry).toMatchObject({ outcome: "complete", fleet: { expected: 1, joined_late: 0 } });
  });

  it("is the whole fleet when there is none", async () => {
    await using fleet = await mixedFleet();
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ target: {}, fleet: { expected: 3 } });
  });
});

describe("a dry run", () => {
  it("says what would be closed and publishes nothing", async () => {
    await using fleet = await mixedFleet();
    const before = fleet.broker.commands.length;
    fleet.join({ replica_id: "unwilling", role: "worker", allow: [] });
    await fleet.clock.advance(10);
    const dry = fleet.coordinator.dryRun(resetRequest({ target: { role: "worker" } }));
    expect(dry).toMatchObject({
      would_close: 20,
      would_be_refused: null,
      fleet: { expected: 3, acknowledged: 0 },
    });
    expect(dry.replicas.map(({ replica_id, state }) => [replica_id, state])).toEqual([
      ["w1", "pending"],
      ["w2", "pending"],
      ["unwilling", "pending"],
    ]);
    expect(fleet.broker.commands).toHaveLength(before);
    expect(fleet.broker.lock.asked).toBe(0);
  });

  it("says why a reset would be refused, and still what it would close", async () => {
    await using fleet = await mixedFleet();
    acceptedOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(1_000);
    expect(fleet.coordinator.dryRun(resetRequest())).toMatchObject({
      would_close: 30,
      would_be_refused: { code: "CHAOS_COOLING_DOWN", retry_after_ms: 4_000 },
    });
    await fleet.clock.advance(4_000);
    const target = { replicas: ["nobody"] };
    expect(fleet.coordinator.dryRun(resetRequest({ target }))).toMatchObject({
      would_close: 0,
      would_be_refused: { code: "UNKNOWN_REPLICA", retry_after_ms: null },
      replicas: [],
    });
    expect(refusalOf(await fleet.coordinator.inject(resetRequest({ target }))).code).toBe(
      "UNKNOWN_REPLICA",
    );
  });
});
