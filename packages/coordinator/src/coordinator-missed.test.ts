import type { LedgerEntry } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import type { FleetObserver } from "./fleet-observer.ts";
import { entryOf, resetRequest, startMemoryFleet } from "./testing/start-memory-fleet.ts";

type Fleet = Awaited<ReturnType<typeof startMemoryFleet>>;

/**
 * What the two APIs say of a command. One that missed the answers knows less well when they were given, and says so.
 */
function entries(fleet: Fleet, commandId: string): readonly Partial<LedgerEntry>[] {
  return fleet.coordinators.map((coordinator) => {
    const entry = coordinator.command(commandId);
    if (entry === undefined) {
      throw new Error(`${commandId} is not in the ledger`);
    }
    const { skew_uncertainty_ms: _uncertainty, ...rest } = entry;
    return rest;
  });
}

/** Cuts the second API off, deaf for all that is said meanwhile. */
async function missed(fleet: Fleet): Promise<LedgerEntry> {
  fleet.buses[1]?.goDown();
  const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
  await fleet.clock.advance(100);
  return entry;
}

describe("a command that another API missed", () => {
  it("is in its ledger once it is back, with the outcome that the caller was told", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    const { command_id: commandId } = await missed(fleet);
    expect(fleet.api(1).command(commandId)).toBeUndefined();
    fleet.buses[1]?.goUp();
    await fleet.clock.advance(2_000);
    const [own, other] = entries(fleet, commandId);
    expect(own).toMatchObject({ outcome: "complete", fleet: { acknowledged: 2, late: 0 } });
    expect(other).toEqual(own);
  });

  it("is in its ledger also when it was back before the API that issued the command", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    const { command_id: commandId } = await missed(fleet);
    fleet.bus.goDown();
    fleet.buses[1]?.goUp();
    await fleet.clock.advance(2_000);
    fleet.bus.goUp();
    await fleet.clock.advance(2_000);
    const [own, other] = entries(fleet, commandId);
    expect(other).toEqual(own);
  });

  it("cools it down: a reset is refused there, though the broker has forgotten the record", async () => {
    await using fleet = await startMemoryFleet({
      replicas: 2,
      apis: 2,
      options: { coolDownInMs: 60_000 },
    });
    await missed(fleet);
    fleet.broker.records.clear();
    fleet.buses[1]?.goUp();
    await fleet.clock.advance(2_000);
    expect(await fleet.api(1).inject(resetRequest())).toMatchObject({
      kind: "refused",
      refusal: { code: "CHAOS_COOLING_DOWN" },
    });
  });

  it("is repeated for those who missed it, not for those who watch", async () => {
    const told: string[] = [];
    const observer: FleetObserver = {
      onEvent: ({ type }) => told.push(type),
      onConnected: () => undefined,
    };
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 1, options: { observer } });
    await entryOf(await fleet.coordinator.inject(resetRequest()));
    await fleet.clock.advance(100);
    fleet.bus.goDown();
    fleet.bus.goUp();
    await fleet.clock.advance(2_000);
    const sent = fleet.broker.events.map(({ type }) => type);
    expect(sent.filter((type) => type === "command-opened")).toHaveLength(2);
    expect(sent.filter((type) => type === "command-closed")).toHaveLength(2);
    expect(told.filter((type) => /^(command|ledger)-/.test(type))).toEqual([
      "command-opened",
      "command-closed",
    ]);
  });

  it("is not repeated when it is older than five minutes, and at most sixteen are", async () => {
    await using fleet = await startMemoryFleet({
      replicas: 1,
      apis: 1,
      options: { coolDownInMs: 0 },
    });
    const back = async (): Promise<number> => {
      fleet.broker.events.length = 0;
      fleet.bus.goDown();
      fleet.bus.goUp();
      await fleet.clock.advance(2_000);
      return fleet.broker.events.filter(({ type }) => type === "command-opened").length;
    };
    for (let round = 1; round <= 20; round += 1) {
      await entryOf(await fleet.coordinator.inject(resetRequest()));
      await fleet.clock.advance(100);
    }
    expect(await back()).toBe(16);
    await fleet.clock.advance(300_000);
    expect(await back()).toBe(0);
  });
});
