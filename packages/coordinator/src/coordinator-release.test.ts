import { describe, expect, it } from "vitest";
import { alice, bob, writtenHalt } from "./testing/halt-stories.ts";
import {
  acceptedOf,
  entryOf,
  loadRequest,
  refusalOf,
  startMemoryFleet,
  type MemoryFleet,
} from "./testing/start-memory-fleet.ts";

async function haltedFleet(): Promise<MemoryFleet> {
  const fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
  await entryOf(await fleet.coordinator.halt(alice));
  await fleet.clock.advance(10);
  return fleet;
}

describe("a release", () => {
  it("lets faults pass again on every API replica, whoever halted", async () => {
    await using fleet = await haltedFleet();
    const entry = await entryOf(await fleet.api(1).release(bob));
    expect(entry).toMatchObject({ fault: "halt", action: "recover", outcome: "complete" });
    await fleet.clock.advance(10);
    expect(fleet.coordinator.status().halted).toBe(false);
    expect(fleet.replicas.map(({ state }) => state.halted)).toEqual([false, false]);
    expect(writtenHalt(fleet)).toMatchObject({ isHalted: false, caller: "bob", epoch: 2 });
    const load = await entryOf(await fleet.coordinator.inject(loadRequest()));
    expect(load).toMatchObject({ outcome: "complete", epoch: 3 });
  });

  it("finds a load ended that was at work when the fleet was halted", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(10);
    await entryOf(await fleet.api(1).halt(alice));
    await entryOf(await fleet.api(1).release(bob));
    await fleet.clock.advance(10);
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.conflict(loadRequest().order)).toBeNull();
    }
    acceptedOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(10);
    expect(refusalOf(await fleet.api(1).inject(loadRequest())).code).toBe("CHAOS_ALREADY_ACTIVE");
  });

  it("is taken by a fleet that is not halted", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    expect((await entryOf(await fleet.coordinator.release(bob))).outcome).toBe("complete");
    acceptedOf(await fleet.coordinator.inject(loadRequest()));
  });

  it("is a collision while somebody else holds the lock of the halt", async () => {
    await using fleet = await haltedFleet();
    const letGo = fleet.broker.lock.seize("halt");
    const releasing = fleet.coordinator.release(bob);
    await fleet.clock.advance(2_000);
    expect(refusalOf(await releasing).code).toBe("CHAOS_COLLECTING");
    letGo();
    expect(fleet.coordinator.status().halted).toBe(true);
  });

  it("fails closed when the lock cannot be reached", async () => {
    await using fleet = await haltedFleet();
    fleet.broker.lock.isUnavailable = true;
    expect(refusalOf(await fleet.coordinator.release(bob)).code).toBe("CHAOS_BUS_UNAVAILABLE");
    expect(fleet.replicas.map(({ state }) => state.halted)).toEqual([true, true]);
  });

  it("stays accepted whatever becomes of the lock once it is out", async () => {
    await using fleet = await haltedFleet();
    fleet.broker.lock.releaseFails = true;
    expect((await entryOf(await fleet.coordinator.release(bob))).outcome).toBe("complete");
  });
});

describe("a release that was not published", () => {
  it("releases nothing: not here, not on other APIs that heard of it, not by the record", async () => {
    await using fleet = await haltedFleet();
    fleet.bus.publishes = "unavailable";
    expect(refusalOf(await fleet.coordinator.release(bob)).code).toBe("CHAOS_BUS_UNAVAILABLE");
    await fleet.clock.advance(10_000);
    const late = fleet.makeCoordinator();
    await late.coordinator.start();
    await fleet.clock.advance(1_500);
    for (const coordinator of [...fleet.coordinators, late.coordinator]) {
      expect(refusalOf(await coordinator.inject(loadRequest()))).toMatchObject({
        code: "CHAOS_HALTED",
        halt: alice,
      });
    }
    expect(fleet.replicas.map(({ state }) => state.halted)).toEqual([true, true]);
    expect(writtenHalt(fleet)).toMatchObject({ ...alice, isHalted: true });
    await late.coordinator.close();
  });

  it("can be asked for again, and passes then", async () => {
    await using fleet = await haltedFleet();
    fleet.bus.publishes = "unavailable";
    refusalOf(await fleet.coordinator.release(bob));
    fleet.bus.publishes = "yes";
    await fleet.clock.advance(10);
    await entryOf(await fleet.coordinator.release(bob));
    await fleet.clock.advance(1_010);
    expect(fleet.replicas.map(({ state }) => state.halted)).toEqual([false, false]);
    acceptedOf(await fleet.api(1).inject(loadRequest()));
  });

  it("is taken back from the record when the lock is there again", async () => {
    await using fleet = await haltedFleet();
    fleet.bus.beforePublish = () => {
      fleet.broker.lock.isUnavailable = true;
      return Promise.resolve();
    };
    fleet.bus.publishes = "unavailable";
    refusalOf(await fleet.coordinator.release(bob));
    await fleet.clock.advance(5_000);
    expect(writtenHalt(fleet)?.isHalted).toBe(false);
    fleet.broker.lock.isUnavailable = false;
    await fleet.clock.advance(1_000);
    expect(writtenHalt(fleet)).toMatchObject({ ...alice, isHalted: true });
    expect(fleet.coordinator.status().halted).toBe(true);
  });
});

describe("a halt and a release at the same moment", () => {
  it("of the same epoch leave the fleet halted, and all APIs agree", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    const later = (): Promise<void> =>
      new Promise((resolve) => {
        fleet.clock.after(10, resolve);
      });
    fleet.bus.beforePublish = later;
    fleet.bus.beforeEvent = later;
    const halting = fleet.coordinator.halt(alice);
    const released = await entryOf(await fleet.api(1).release(bob));
    await fleet.clock.advance(100);
    const halted = await entryOf(await halting);
    expect([released.epoch, halted.epoch]).toEqual([1, 1]);
    await fleet.clock.advance(5_000);
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.status().halted).toBe(true);
    }
    expect(writtenHalt(fleet)).toMatchObject({ ...alice, isHalted: true });
  });

  it("end as whichever was told last of the other, everywhere", async () => {
    await using fleet = await haltedFleet();
    const releasing = fleet.api(1).release(bob);
    await fleet.clock.advance(1);
    const halting = fleet.coordinator.halt(alice);
    await Promise.all([entryOf(await releasing), entryOf(await halting)]);
    await fleet.clock.advance(5_000);
    for (const coordinator of fleet.coordinators) {
      expect(coordinator.status().halted).toBe(true);
    }
    expect(fleet.replicas.map(({ state }) => state.halted)).toEqual([true, true]);
    expect(writtenHalt(fleet)).toMatchObject({ ...alice, isHalted: true, epoch: 3 });
  });
});
