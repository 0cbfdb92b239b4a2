import { describe, expect, it } from "vitest";
import {
  acceptedOf,
  entryOf,
  loadRequest,
  recoverRequest,
  refusalOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

const refusedAsActive = {
  code: "CHAOS_ALREADY_ACTIVE",
  detail: "Load simulation already active",
};

describe("a load", () => {
  it("is accepted once of two that two API replicas are asked for at the same moment", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    const results = await Promise.all(
      fleet.coordinators.map((coordinator) => coordinator.inject(loadRequest())),
    );
    const accepted = results.filter(({ kind }) => kind === "accepted").map(acceptedOf);
    const refused = results.filter(({ kind }) => kind === "refused").map(refusalOf);
    expect(accepted).toHaveLength(1);
    expect(refused).toMatchObject([{ ...refusedAsActive, commandId: accepted[0]?.commandId }]);
    expect(await accepted[0]?.closed).toMatchObject({ outcome: "complete", connections_closed: 0 });
  });

  it("is accepted once of two that one API replica is asked for at the same moment", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    const both = [loadRequest(), loadRequest()].map((request) => fleet.coordinator.inject(request));
    const [first, second] = await Promise.all(both);
    const { commandId } = acceptedOf(first ?? missing());
    expect(refusalOf(second ?? missing())).toMatchObject({ ...refusedAsActive, commandId });
    expect(fleet.broker.lock.asked).toBe(1);
  });

  it("keeps others out for its whole time on every API replica, and for no longer", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    acceptedOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(57_000);
    for (const coordinator of fleet.coordinators) {
      const refusal = refusalOf(await coordinator.inject(loadRequest()));
      expect(refusal).toMatchObject({ ...refusedAsActive, retryAfterInMs: 3_000 });
      expect(coordinator.conflict(loadRequest().order)).toEqual(refusal);
    }
    await fleet.clock.advance(6_000);
    expect(fleet.api(1).conflict(loadRequest().order)).toBeNull();
    acceptedOf(await fleet.api(1).inject(loadRequest()));
    await fleet.clock.advance(10);
    expect(refusalOf(await fleet.api(0).inject(loadRequest()))).toMatchObject(refusedAsActive);
  });

  it("keeps others out also where only the record under the lock tells of it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.broker.isLost = ({ type }) => type === "command-opened";
    const { commandId } = acceptedOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(20_000);
    expect(fleet.api(1).conflict(loadRequest().order)).toBeNull();
    expect(refusalOf(await fleet.api(1).inject(loadRequest()))).toMatchObject({
      ...refusedAsActive,
      commandId,
    });
  });

  it("makes room at once when everybody refused it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.replicas.forEach((replica) => {
      replica.behaviour = "refuse";
    });
    const entry = await entryOf(await fleet.coordinator.inject(loadRequest()));
    expect(entry).toMatchObject({ outcome: "none", fleet: { refused: 2 } });
    await fleet.clock.advance(10);
    expect(await entryOf(await fleet.api(1).inject(loadRequest()))).toMatchObject({
      outcome: "none",
    });
  });

  it("keeps others out when one replica has not answered: it may be at work", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).behaviour = "refuse";
    fleet.replica(1).behaviour = "manual";
    const result = acceptedOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(16_000);
    expect(await result.closed).toMatchObject({ outcome: "none" });
    expect(refusalOf(await fleet.coordinator.inject(loadRequest()))).toMatchObject(refusedAsActive);
  });

  it("consumes no cool-down, and neither needs nor delays one of a reset", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    await entryOf(await fleet.coordinator.inject(resetRequest()));
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe(
      "CHAOS_COOLING_DOWN",
    );
    await fleet.clock.advance(5_000);
    acceptedOf(await fleet.coordinator.inject(resetRequest()));
  });

  it("that was certainly not published leaves no trace", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.bus.publishes = "unavailable";
    expect(refusalOf(await fleet.coordinator.inject(loadRequest())).code).toBe(
      "CHAOS_BUS_UNAVAILABLE",
    );
    await fleet.clock.advance(10);
    acceptedOf(await fleet.api(1).inject(loadRequest()));
  });

  it("shows in the status as long as replicas report it, with the highest level and the longest rest", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(10_500);
    expect(fleet.coordinator.status().load).toEqual({
      active: true,
      level: "low",
      remaining_seconds: 50,
    });
    await fleet.clock.advance(49_500);
    expect(fleet.coordinator.status().load).toEqual({
      active: false,
      level: "none",
      remaining_seconds: 0,
    });
  });
});

describe("the APIs' own role", () => {
  it("is left out of a load, newcomers included", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.join({ replica_id: "api-a", role: "api" });
    await fleet.clock.advance(10);
    const entry = await entryOf(await fleet.coordinator.inject(loadRequest()));
    expect(entry.replicas.map(({ replica_id: id }) => id)).toEqual(["r1"]);
    expect(fleet.replica(0).received[0]?.target).toEqual({ except_role: "api" });
  });

  it("is under a load that names it, by role or by a replica's id", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.join({ replica_id: "api-a", role: "api" });
    await fleet.clock.advance(10);
    for (const target of [{ role: "api" }, { replicas: ["api-a"] }]) {
      const entry = await entryOf(await fleet.coordinator.inject(loadRequest({ target })));
      expect(entry.replicas.map(({ replica_id: id }) => id)).toEqual(["api-a"]);
      expect(entry.target).toEqual(target);
      await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    }
  });

  it("is left out of a draw, and is nobody to be found alone", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0 });
    fleet.join({ replica_id: "api-a", role: "api" });
    await fleet.clock.advance(10);
    for (const request of [loadRequest(), loadRequest({ target: { percent: 100 } })]) {
      expect(refusalOf(await fleet.coordinator.inject(request)).code).toBe("CHAOS_NO_TARGETS");
    }
    fleet.join({ replica_id: "r1" });
    await fleet.clock.advance(10);
    const entry = await entryOf(
      await fleet.coordinator.inject(loadRequest({ target: { count: 2 } })),
    );
    expect(entry.target).toEqual({ replicas: ["r1"] });
  });

  it("belongs to a reset like everybody else", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.join({ replica_id: "api-a", role: "api" });
    await fleet.clock.advance(10);
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry).toMatchObject({ target: {}, fleet: { acknowledged: 2 } });
  });
});

function missing(): never {
  throw new Error("there is no result");
}
