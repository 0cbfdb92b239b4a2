import { describe, expect, it } from "vitest";
import type { Refusal } from "./refusal.ts";
import { alice, bob, writtenHalt } from "./testing/halt-stories.ts";
import {
  acceptedOf,
  entryOf,
  loadRequest,
  recoverRequest,
  refusalOf,
  resetRequest,
  startMemoryFleet,
  type MemoryFleet,
} from "./testing/start-memory-fleet.ts";

function commandsOf(fleet: MemoryFleet, fault: string): number {
  return fleet.broker.commands.filter(
    (message) => message.type === "command" && message.fault === fault,
  ).length;
}

function expectHaltedByAlice(refusal: Refusal): void {
  expect(refusal).toMatchObject({ code: "CHAOS_HALTED", halt: alice });
  expect(refusal.detail).toMatch(
    /^The fleet was halted by alice at 2026-01-01T00:00:\d\d\.\d{3}Z \(the shop is down\)/u,
  );
}

describe("a halt", () => {
  it("ends every fault at once and lets no new one begin, on every API replica", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    const entry = await entryOf(await fleet.coordinator.halt(alice));
    expect(entry).toMatchObject({
      fault: "halt",
      action: "inject",
      outcome: "complete",
      reason: alice.reason,
      epoch: 2,
      fleet: { acknowledged: 2 },
    });
    await fleet.clock.advance(1_010);
    for (const coordinator of fleet.coordinators) {
      expectHaltedByAlice(refusalOf(await coordinator.inject(loadRequest())));
      expectHaltedByAlice(refusalOf(await coordinator.inject(resetRequest())));
      expect(coordinator.status()).toMatchObject({ halted: true, load: { active: false } });
      expect(coordinator.dryRun(resetRequest()).would_be_refused?.code).toBe("CHAOS_HALTED");
    }
    expect(commandsOf(fleet, "redis-reset")).toBe(0);
  });

  it("waits for no lock, no cool-down and no collection, and is written down afterwards", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).behaviour = "manual";
    acceptedOf(await fleet.coordinator.inject(resetRequest()));
    fleet.replica(0).behaviour = "acknowledge";
    const letGo = [fleet.broker.lock.seize(), fleet.broker.lock.seize("halt")];
    const entry = await entryOf(await fleet.coordinator.halt(alice));
    expect(entry.outcome).toBe("complete");
    expect(writtenHalt(fleet)).toBeNull();
    letGo.forEach((end) => end());
    await fleet.clock.advance(10);
    expect(writtenHalt(fleet)).toMatchObject({
      ...alice,
      commandId: entry.command_id,
      epoch: entry.epoch,
      isHalted: true,
    });
  });

  it("is written down as soon as that is possible again", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.lock.isUnavailable = true;
    expect((await entryOf(await fleet.coordinator.halt(alice))).outcome).toBe("complete");
    await fleet.clock.advance(60_000);
    expect(writtenHalt(fleet)).toBeNull();
    fleet.broker.lock.isUnavailable = false;
    await fleet.clock.advance(1_000);
    expect(writtenHalt(fleet)).toMatchObject({ ...alice, isHalted: true });
  });

  it("is refused after what is at work, and before the cool-down: 409, 423, 429", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).behaviour = "manual";
    const { commandId } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    fleet.replica(0).behaviour = "acknowledge";
    await entryOf(await fleet.coordinator.halt(alice));
    const inject = async (): Promise<string> =>
      refusalOf(await fleet.coordinator.inject(resetRequest())).code;
    expect(await inject()).toBe("CHAOS_COLLECTING");
    fleet.replica(0).acknowledge(commandId);
    await fleet.clock.advance(1);
    expect(await inject()).toBe("CHAOS_HALTED");
    await entryOf(await fleet.coordinator.release(bob));
    expect(await inject()).toBe("CHAOS_COOLING_DOWN");
  });

  it("is told once to every API, so that what it does to somebody itself ends, too", async () => {
    let told = 0;
    const onHalted = (): void => {
      told += 1;
    };
    await using fleet = await startMemoryFleet({ apis: 2, options: { onHalted } });
    await entryOf(await fleet.coordinator.halt(alice));
    await fleet.clock.advance(3_000);
    expect(told).toBe(2);
    await entryOf(await fleet.coordinator.release(bob));
    await fleet.clock.advance(3_000);
    await entryOf(await fleet.coordinator.halt(bob));
    await fleet.clock.advance(3_000);
    expect(told).toBe(4);
  });

  it("is told to every API also right after a release, before anybody has looked again", async () => {
    let told = 0;
    const onHalted = (): void => {
      told += 1;
    };
    await using fleet = await startMemoryFleet({ apis: 2, options: { onHalted } });
    await entryOf(await fleet.coordinator.halt(alice));
    await fleet.clock.advance(3_000);
    await entryOf(await fleet.coordinator.release(bob));
    await entryOf(await fleet.coordinator.halt(bob));
    await fleet.clock.advance(3_000);
    expect(told).toBe(4);
  });

  it("lets recoveries through", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    await entryOf(await fleet.coordinator.halt(alice));
    const entry = await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect(entry.outcome).toBe("complete");
  });

  it("is given while the roster is warming, and is partial then", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, isWarm: false });
    await fleet.clock.advance(10);
    const entry = await entryOf(await fleet.coordinator.halt(alice));
    expect(entry).toMatchObject({ outcome: "partial", fleet: { acknowledged: 1 } });
  });

  it("names a frozen replica that has not confirmed", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).freeze();
    const result = acceptedOf(await fleet.coordinator.halt(alice));
    await fleet.clock.advance(5_000);
    expect(await result.closed).toMatchObject({
      outcome: "partial",
      fleet: { acknowledged: 1, silent: 1 },
    });
  });

  it("holds in a fleet without a replica, for whoever comes then", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0, apis: 2 });
    const entry = await entryOf(await fleet.coordinator.halt(alice));
    expect(entry).toMatchObject({ outcome: "complete", fleet: { expected: 0 } });
    await fleet.clock.advance(10);
    const replica = fleet.join({ replica_id: "new" });
    await fleet.clock.advance(1_010);
    expect(replica.state.halted).toBe(true);
    expectHaltedByAlice(refusalOf(await fleet.api(1).inject(loadRequest())));
  });

  it("that comes a second time keeps the fleet halted, and the newer one is named", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    await entryOf(await fleet.coordinator.halt(bob));
    await fleet.clock.advance(10);
    await entryOf(await fleet.api(1).halt(alice));
    await fleet.clock.advance(10);
    for (const coordinator of fleet.coordinators) {
      expectHaltedByAlice(refusalOf(await coordinator.inject(loadRequest())));
    }
    expect(writtenHalt(fleet)).toMatchObject({ caller: "alice", epoch: 2 });
  });
});

describe("a halt that somebody missed", () => {
  it("is read from the record by an API that starts afterwards", async () => {
    await using fleet = await startMemoryFleet({ replicas: 0 });
    await entryOf(await fleet.coordinator.halt(alice));
    await fleet.clock.advance(10);
    const late = fleet.makeCoordinator();
    await late.coordinator.start();
    await fleet.clock.advance(10);
    expect(late.coordinator.status().halted).toBe(true);
    expectHaltedByAlice(refusalOf(await late.coordinator.inject(loadRequest())));
    await late.coordinator.close();
  });

  it("is not ruled out by an API that cannot read the record", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.lock.isUnavailable = true;
    const late = fleet.makeCoordinator();
    await late.coordinator.start();
    await fleet.clock.advance(60_000);
    expect(late.coordinator.readiness()).toEqual({ busConnected: true, roster: "warming" });
    expect(refusalOf(await late.coordinator.inject(loadRequest())).code).toBe(
      "CHAOS_ROSTER_WARMING",
    );
    fleet.broker.lock.isUnavailable = false;
    await fleet.clock.advance(1_000);
    acceptedOf(await late.coordinator.inject(loadRequest()));
    await late.coordinator.close();
  });

  it("is learnt from replicas that report it when the record is gone, until the halt itself is heard of", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    await entryOf(await fleet.coordinator.halt(alice));
    await fleet.clock.advance(10);
    fleet.bus.goDown();
    fleet.broker.records.clear();
    const late = fleet.makeCoordinator();
    await late.coordinator.start();
    await fleet.clock.advance(1_500);
    expect(refusalOf(await late.coordinator.inject(loadRequest()))).toMatchObject({
      code: "CHAOS_HALTED",
      halt: { caller: "unknown, as r1 reports" },
    });
    expect(writtenHalt(fleet)).toBeNull();
    fleet.bus.goUp();
    await fleet.clock.advance(10);
    expect(writtenHalt(fleet)).toMatchObject(alice);
    late.bus.goDown();
    late.bus.goUp();
    await fleet.clock.advance(10);
    expectHaltedByAlice(refusalOf(await late.coordinator.inject(loadRequest())));
    const entry = await entryOf(await late.coordinator.release(bob));
    expect(entry.outcome).toBe("partial");
    await fleet.clock.advance(1_100);
    expect(fleet.replicas.map(({ state }) => state.halted)).toEqual([false, false]);
    await late.coordinator.close();
  });

  it("reaches newcomers, and replicas that did not hear it, with a roll-call", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    const { commandId } = acceptedOf(await fleet.coordinator.halt(alice));
    fleet.replica(0).acknowledge(commandId);
    expect(fleet.replica(0).state.halted).toBe(false);
    const newcomer = fleet.join({ replica_id: "new" });
    await fleet.clock.advance(6_000);
    expect(newcomer.state.halted).toBe(true);
    expect(fleet.replica(0).state.halted).toBe(true);
    const calls = fleet.broker.commands.filter(({ type }) => type === "roll-call");
    expect(calls.at(-1)).toMatchObject({ halt: { epoch: 1, halted: true } });
    expect(calls[0]).not.toHaveProperty("halt");
  });
});

describe("a halt with the bus down", () => {
  it("is refused, holds for this API all the same, and goes out when the bus is back", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.bus.goDown();
    const refusal = refusalOf(await fleet.coordinator.halt(alice));
    expect(refusal).toMatchObject({ code: "CHAOS_BUS_UNAVAILABLE", halt: alice });
    expectHaltedByAlice(refusalOf(await fleet.coordinator.inject(loadRequest())));
    expect(fleet.api(1).status().halted).toBe(false);
    await fleet.clock.advance(30_000);
    expect(commandsOf(fleet, "halt")).toBe(0);
    fleet.bus.goUp();
    await fleet.clock.advance(10);
    expect(commandsOf(fleet, "halt")).toBe(1);
    expect(fleet.replicas.map(({ state }) => state.halted)).toEqual([true, true]);
    expect(refusalOf(await fleet.api(1).inject(loadRequest()))).toMatchObject({
      code: "CHAOS_HALTED",
      halt: alice,
    });
    expect(writtenHalt(fleet)).toMatchObject({ ...alice, isHalted: true });
  });

  it("goes out soon also when the bus stays connected and only the publish failed", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.bus.publishes = "unavailable";
    expect(refusalOf(await fleet.coordinator.halt(alice)).code).toBe("CHAOS_BUS_UNAVAILABLE");
    fleet.bus.publishes = "yes";
    await fleet.clock.advance(1_000);
    expect(commandsOf(fleet, "halt")).toBe(1);
    await fleet.clock.advance(10_000);
    expect(commandsOf(fleet, "halt")).toBe(1);
  });

  it("is refused for good once the API ends", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.coordinator.closeCollecting();
    expect(refusalOf(await fleet.coordinator.halt(alice)).code).toBe("SHUTTING_DOWN");
    expect(refusalOf(await fleet.coordinator.release(bob)).code).toBe("SHUTTING_DOWN");
    expect(commandsOf(fleet, "halt")).toBe(0);
  });
});
